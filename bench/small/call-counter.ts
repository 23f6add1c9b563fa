/**
 * Is prepended to modelferry's service worker and loader, in the same file. It counts their calls of browser APIs that
 * need another process or thread, and records when each began and ended. Counts do not depend on the machine's load,
 * as times do. The page asks for both on the channel `bench-calls`.
 */
export const callCounter: string = `
if (!globalThis.benchCounted) {
  // The service worker imports the loader's script as well.
  globalThis.benchCounted = true
  const counts = {}
  const spans = []
  const realm = globalThis.clients ? 'service worker' : 'loader'
  const now = () => performance.timeOrigin + performance.now()
  const open = (name) => {
    const span = { realm, name, start: now() }
    spans.push(span)
    return () => { span.end = now() }
  }
  const count = (name) => { counts[name] = (counts[name] ?? 0) + 1 }
  const wrap = (owner, method, name, about = () => '') => {
    const own = owner?.[method]
    if (own) owner[method] = function (...args) {
      const kind = typeof name === 'string' ? name : name(args)
      count(kind)
      const end = open((kind + ' ' + method + ' ' + about(args, this)).trim())
      const result = own.apply(this, args)
      if (typeof result?.then === 'function') result.then(end, end)
      else if (result instanceof IDBTransaction) result.addEventListener('complete', end)
      else end()
      return result
    }
  }
  const calls = new BroadcastChannel('bench-calls')
  const tell = calls.postMessage.bind(calls)
  const first = ([name]) => String(name).slice(0, 60)
  wrap(LockManager.prototype, 'query', 'lock queries')
  wrap(LockManager.prototype, 'request', 'lock requests', first)
  wrap(IDBFactory.prototype, 'open', 'IndexedDB opens', first)
  wrap(IDBDatabase.prototype, 'transaction', ([, mode]) => mode === 'readwrite' ? 'IndexedDB writes' : 'IndexedDB reads', first)
  for (const method of ['get', 'getAll', 'put', 'delete']) {
    const own = IDBObjectStore.prototype[method]
    IDBObjectStore.prototype[method] = function (...args) {
      const key = args.at(-1)
      open('. ' + method + ' ' + String(key?.lower ?? key).slice(0, 60))
      return own.apply(this, args)
    }
  }
  wrap(FileSystemDirectoryHandle.prototype, 'getDirectoryHandle', 'OPFS handles', first)
  wrap(FileSystemDirectoryHandle.prototype, 'getFileHandle', 'OPFS handles', first)
  wrap(FileSystemDirectoryHandle.prototype, 'removeEntry', 'OPFS removals', first)
  wrap(FileSystemFileHandle.prototype, 'getFile', 'OPFS opens', (_, { name }) => name)
  wrap(FileSystemFileHandle.prototype, 'createSyncAccessHandle', 'OPFS opens', (_, { name }) => name)
  wrap(FileSystemFileHandle.prototype, 'createWritable', 'OPFS opens', (_, { name }) => name)
  for (const method of ['write', 'read', 'flush', 'close', 'truncate', 'getSize'])
    wrap(globalThis.FileSystemSyncAccessHandle?.prototype, method, 'file accesses')
  wrap(Blob.prototype, 'arrayBuffer', 'Blob reads')
  wrap(StorageManager.prototype, 'estimate', 'estimates')
  wrap(globalThis.Clients?.prototype, 'get', 'client lookups')
  const about = ({ kind = '', name = '', event }) => [kind, name, event?.name ?? '', event?.detail?.phase ?? ''].join(' ')
  wrap(BroadcastChannel.prototype, 'postMessage', 'messages sent', ([data]) => about(data))
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
      this.addEventListener('message', ({ data }) => {
        count('messages received')
        open('message received ' + about(data))()
      })
    }
  }
  globalThis.clients && addEventListener('fetch', ({ request }) => open('fetch event ' + request.method + ' ' + request.url.slice(-40))())
  calls.addEventListener('message', ({ data }) => { if (data === 'ask') tell({ counts, spans }) })
}
;
`
