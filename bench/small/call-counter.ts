/**
 * Is prepended to modelferry's service worker and loader, in the same file: counts their calls of browser APIs that
 * cost a hop to another process or thread. Counts do not depend on the machine's load, as times do. The page asks for
 * them on the channel `bench-calls`.
 */
export const callCounter: string = `
if (!globalThis.benchCounted) {
  // The service worker imports the loader's script as well.
  globalThis.benchCounted = true
  const counts = {}
  const count = (name) => { counts[name] = (counts[name] ?? 0) + 1 }
  const wrap = (owner, method, name) => {
    const own = owner?.[method]
    if (own) owner[method] = function (...args) {
      count(typeof name === 'string' ? name : name(args))
      return own.apply(this, args)
    }
  }
  const calls = new BroadcastChannel('bench-calls')
  const tell = calls.postMessage.bind(calls)
  wrap(LockManager.prototype, 'query', 'lock queries')
  wrap(LockManager.prototype, 'request', 'lock requests')
  wrap(IDBDatabase.prototype, 'transaction', ([, mode]) => mode === 'readwrite' ? 'IndexedDB writes' : 'IndexedDB reads')
  wrap(FileSystemDirectoryHandle.prototype, 'getDirectoryHandle', 'OPFS handles')
  wrap(FileSystemDirectoryHandle.prototype, 'getFileHandle', 'OPFS handles')
  wrap(FileSystemFileHandle.prototype, 'getFile', 'OPFS opens')
  wrap(FileSystemFileHandle.prototype, 'createSyncAccessHandle', 'OPFS opens')
  wrap(FileSystemFileHandle.prototype, 'createWritable', 'OPFS opens')
  wrap(StorageManager.prototype, 'estimate', 'estimates')
  wrap(BroadcastChannel.prototype, 'postMessage', 'messages sent')
  wrap(globalThis, 'fetch', ([url, init]) => {
    const { pathname } = new URL(url.url ?? url)
    if (init?.method === 'HEAD') return 'pings'
    return pathname.includes('/resolve/') ? 'file infos' : pathname.includes('xet-read-token') ? 'tokens'
      : pathname.includes('/reconstructions/') ? 'reconstructions' : 'ranges'
  })
  const Listened = BroadcastChannel
  globalThis.BroadcastChannel = class extends Listened {
    constructor(name) {
      super(name)
      this.addEventListener('message', () => count('messages received'))
    }
  }
  calls.addEventListener('message', ({ data }) => { if (data === 'ask') tell(counts) })
}
;
`
