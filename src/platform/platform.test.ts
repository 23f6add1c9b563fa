import 'fake-indexeddb/auto'
import {
  capabilities,
  openDatabase,
  transfersStreams,
  whenOnline,
  writesInPlace,
  writesPieces,
} from './platform.ts'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { get, promisifyRequest, set } from 'idb-keyval'

describe('capabilities', () => {
  afterEach(() => void vi.unstubAllGlobals())

  function handleWith(...methods: string[]): void {
    const prototype = Object.fromEntries(methods.map((name) => [name, () => undefined]))
    vi.stubGlobal('FileSystemFileHandle', { prototype })
  }

  /** An OPFS folder whose files open with the given function. */
  function folderWith(open: () => Promise<unknown>): {
    folder: FileSystemDirectoryHandle
    left: Set<string>
  } {
    const left = new Set<string>()
    const folder = {
      getFileHandle: async (name: string) => {
        left.add(name)
        return { createSyncAccessHandle: open }
      },
      removeEntry: async (name: string) => void left.delete(name),
    }
    return { folder: folder as unknown as FileSystemDirectoryHandle, left }
  }

  /** The capabilities in a new realm. */
  async function fresh(): Promise<{ readonly writesInPlace: typeof writesInPlace }> {
    vi.resetModules()
    return await import('./platform.ts')
  }

  test('no capability is reported where files cannot be written', async () => {
    vi.stubGlobal('FileSystemFileHandle', undefined)
    const { folder } = folderWith(() => expect.unreachable())
    expect(writesPieces()).toBe(false)
    expect(await writesInPlace(folder)).toBe(false)
  })

  test('the write methods of a realm are detected when they are requested', () => {
    handleWith('createSyncAccessHandle')
    expect(writesPieces()).toBe(false)
    handleWith('createWritable')
    expect(writesPieces()).toBe(true)
  })

  test.each([
    ['opens', true, async () => ({ close: () => undefined })],
    // WebKitGTK 2.50: "Backend does not support this operation".
    ['is refused', false, () => Promise.reject(new DOMException('', 'NotSupportedError'))],
    ['was deleted meanwhile', true, () => Promise.reject(new DOMException('', 'NotFoundError'))],
  ])('a file that %s: sync access handles are reported: %s', async (_, believed, open) => {
    handleWith('createSyncAccessHandle')
    const tried = vi.fn(open)
    const { folder, left } = folderWith(tried)
    const realm = await fresh()
    expect(await Promise.all([realm.writesInPlace(folder), realm.writesInPlace(folder)])).toEqual([
      believed,
      believed,
    ])
    expect(tried).toHaveBeenCalledOnce()
    expect(left).toEqual(new Set())
  })

  test('a stream that structuredClone transfers counts as transferable', () => {
    expect(transfersStreams()).toBe(true)
  })

  test.each([
    [{ userAgentData: {}, userAgent: 'AppleWebKit/537.36 Chrome' }, true, false, true],
    [{ userAgent: 'AppleWebKit/537.36 Chrome/88.0.4324.96' }, false, false, false],
    [{ userAgent: 'AppleWebKit/605.1.15 Safari' }, true, true, true],
    [{ userAgent: 'Gecko Firefox' }, false, false, false],
    [undefined, false, false, false],
  ])(
    'capabilities that cannot be tested follow the measured engines: %o',
    (navigator, fed, held, aborted) => {
      vi.stubGlobal('navigator', navigator)
      expect(capabilities).toMatchObject({
        fedBodies: fed,
        bodiesNeedEvents: held,
        abortedFetches: aborted,
      })
    },
  )
})

describe('trustedScript', () => {
  const url = 'https://app.example/modelferry-sw.js'

  beforeEach(() => {
    vi.resetModules()
    vi.stubGlobal('location', { origin: 'https://app.example' })
  })

  afterEach(() => {
    vi.unstubAllGlobals()
  })

  async function trusted(url: string): Promise<unknown> {
    const { trustedScript } = await import('./platform.ts')
    return trustedScript(url)
  }

  function refuse(): never {
    throw new TypeError('refused')
  }

  test('with Trusted Types, one policy accepts URLs of this origin', async () => {
    const createPolicy = vi.fn<(name: string, rules: object) => object>((_, rules) => rules)
    vi.stubGlobal('trustedTypes', { createPolicy })
    expect(await trusted(url)).toBe(url)
    expect(await trusted(url)).toBe(url)
    expect(createPolicy).toHaveBeenCalledExactlyOnceWith('modelferry', expect.anything())
    await expect(trusted('https://other.example/sw.js')).rejects.toThrow('own origin')
  })

  test('without Trusted Types or without the policy, the URL stays a text', async () => {
    expect(await trusted(url)).toBe(url)
    vi.stubGlobal('trustedTypes', { createPolicy: refuse })
    expect(await trusted(url)).toBe(url)
  })
})

describe('database', () => {
  function deleted(name: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase(name)
      request.addEventListener('success', () => resolve('deleted'))
      request.addEventListener('blocked', () => resolve('blocked'))
      request.addEventListener('error', () => reject(request.error))
    })
  }

  test('written values can be read by another connection', async () => {
    await set('a', 1, openDatabase('one', 'values'))
    expect(await get('a', openDatabase('one', 'values'))).toBe(1)
  })

  test('a database is opened at once, and a failure shows at its first use', async () => {
    const open = vi.spyOn(indexedDB, 'open')
    const store = openDatabase('early', 'values')
    expect(open).toHaveBeenCalledExactlyOnceWith('early')
    await set('a', 1, store)
    expect(open).toHaveBeenCalledOnce()
    open.mockImplementation(() => {
      throw new DOMException('no storage', 'SecurityError')
    })
    const broken = openDatabase('broken', 'values')
    await expect(get('a', broken)).rejects.toThrow('no storage')
    open.mockRestore()
    expect(await get('a', broken)).toBeUndefined()
  })

  test('a deletion of the database is not blocked, and the next use opens it again', async () => {
    const store = openDatabase('two', 'values')
    await set('a', 1, store)
    expect(await deleted('two')).toBe('deleted')
    expect(await get('a', store)).toBeUndefined()
    await set('a', 2, store)
    expect(await get('a', store)).toBe(2)
  })

  test('an error of the work does not count as a closed connection', async () => {
    const store = openDatabase('three', 'values')
    let runs = 0
    const work = (): never => {
      runs += 1
      throw new DOMException('of the work', 'InvalidStateError')
    }
    await expect(store('readonly', work)).rejects.toThrow('of the work')
    expect(runs).toBe(1)
  })

  test('a transaction that ends with its connection, while data of the site is deleted, is repeated', async () => {
    const store = openDatabase('four', 'values')
    await set('a', 1, store)
    let closed = 0
    const value = await store('readonly', async (values) => {
      const request = values.get('a')
      // A browser ends a transaction so when it closes the connection by force.
      if (closed++ < 2) values.transaction.abort()
      return await promisifyRequest<number>(request)
    })
    expect({ value, closed }).toEqual({ value: 1, closed: 3 })
  })

  test('thirty reads that come at once take two transactions, and one that fails does not fail the others', async () => {
    const store = openDatabase('five', 'values')
    await set('a', 1, store)
    const transactions = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const first = get('a', store)
    await vi.waitFor(() => expect(transactions).toHaveBeenCalledOnce())
    const others = Array.from({ length: 29 }, () => get('a', store))
    expect(await Promise.all([first, ...others])).toEqual(Array(30).fill(1))
    expect(transactions).toHaveBeenCalledTimes(2)
    transactions.mockRestore()
    const invalid = get(undefined as unknown as string, store)
    const [refused, given] = await Promise.allSettled([invalid, get('a', store)])
    expect([refused.status, given]).toEqual(['rejected', { status: 'fulfilled', value: 1 }])
  })
})

describe('whenOnline', () => {
  const device = { onLine: false }

  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('navigator', device)
    vi.stubGlobal('addEventListener', () => undefined)
    vi.stubGlobal('removeEventListener', () => undefined)
    device.onLine = false
  })

  afterEach(() => {
    vi.unstubAllGlobals()
    vi.useRealTimers()
  })

  test('detects the network without an event', async () => {
    const settled = vi.fn<() => void>()
    void whenOnline(new AbortController().signal).then(settled)
    await vi.advanceTimersByTimeAsync(20_000)
    expect(settled).not.toHaveBeenCalled()
    device.onLine = true
    await vi.advanceTimersByTimeAsync(1000)
    expect(settled).toHaveBeenCalledOnce()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('limits the time for which it trusts the offline state', async () => {
    const settled = vi.fn<() => void>()
    void whenOnline(new AbortController().signal).then(settled)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(settled).toHaveBeenCalledOnce()
  })

  test('ends with its signal', async () => {
    const abort = new AbortController()
    const waiting = whenOnline(abort.signal)
    abort.abort(new Error('given up'))
    await expect(waiting).rejects.toThrow('given up')
    expect(vi.getTimerCount()).toBe(0)
  })
})
