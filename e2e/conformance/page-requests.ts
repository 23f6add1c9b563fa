import type { WayToAsk } from './requests.ts'

/** A request to make in a page. */
export interface Ask extends Pick<WayToAsk, 'by' | 'method' | 'range' | 'cache'> {
  readonly url: string
  readonly init?: Pick<RequestInit, 'credentials' | 'redirect'> & {
    readonly headers?: Readonly<Record<string, string>>
  }
  /** Milliseconds after which it is aborted. */
  readonly limitMs: number
}

/** The work of a page. */
export interface RequestRun {
  readonly asks: readonly Ask[]
  /** Number of concurrent requests. */
  readonly lanes: number
}

/** The outcome of a request in a page. */
export interface Outcome {
  /** 0 if no headers arrived. */
  readonly status: number
  readonly type: string
  readonly headers: Readonly<Record<string, string>>
  readonly size: number
  /** SHA-256 of the received bytes, hex digits. */
  readonly sha256: string
  /** Error of the request or its body; `late`: it did not end within the limit. */
  readonly failure?: string
  readonly ms: number
  /** Milliseconds until the headers of the last response arrived, where that is visible. */
  readonly headersMs?: number
  /** Path and query of the response's URL, and whether it was redirected; XHR reveals only the former. */
  readonly from?: string
  readonly redirected?: boolean
  /** Bytes of a successful response that were read before a cancel or before the body failed, and their SHA-256. */
  readonly prefix?: { readonly size: number; readonly sha256: string }
}

/**
 * Runs in pages and workers: makes requests, a few at a time, and returns their outcomes. It is sent there as text,
 * so it uses nothing from outside.
 */
export async function runRequests({ asks, lanes }: RequestRun): Promise<Outcome[]> {
  // oxlint-disable unicorn/consistent-function-scoping -- all of them must be sent to the page
  type Head = Pick<Outcome, 'status' | 'type' | 'headers' | 'from' | 'redirected' | 'headersMs'>
  type Body = Head & { bytes: ArrayBuffer; prefix?: Blob }
  const hash = async (bytes: ArrayBuffer): Promise<string> =>
    [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join('')
  /** The bytes that had arrived when a body failed, by its error. */
  const cut = new Map<unknown, { headers: Outcome['headers']; prefix: Blob }>()
  const failed = async (error: unknown): Promise<Omit<Outcome, 'ms'>> => {
    const failure = error === 'late' ? 'late' : String(error)
    const { headers = {}, prefix } = cut.get(error) ?? {}
    const outcome = { status: 0, type: '', headers, size: 0, sha256: '', failure }
    return prefix ? { ...outcome, prefix: await sumOf(prefix) } : outcome
  }
  const sumOf = async (prefix: Blob): Promise<{ size: number; sha256: string }> => ({
    size: prefix.size,
    sha256: await hash(await prefix.arrayBuffer()),
  })

  const pathOf = (url: string): string => (url === '' ? '' : url.slice(new URL(url).origin.length))
  const read = async (response: Response, start = Number.NaN): Promise<Body> => {
    const { status, type, headers, redirected } = response
    const headersMs = performance.now() - start
    const parts: Uint8Array<ArrayBuffer>[] = []
    const reader = response.body?.getReader()
    try {
      for (let part = await reader?.read(); part?.value; part = await reader?.read())
        parts.push(part.value)
    } catch (error) {
      const arrived = { headers: Object.fromEntries(headers), prefix: new Blob(parts) }
      if (response.ok) cut.set(error, arrived)
      throw error
    }
    const bytes = await new Blob(parts).arrayBuffer()
    return {
      status,
      type,
      headers: Object.fromEntries(headers),
      from: pathOf(response.url),
      redirected,
      ...(headersMs > 0 && { headersMs }),
      bytes,
    }
  }
  const byFetch = async (ask: Ask, signal: AbortSignal): Promise<Body> => {
    const start = performance.now()
    return await read(await fetch(ask.url, initOf(ask, signal)), start)
  }
  const initOf = ({ method, range, cache, init }: Ask, signal: AbortSignal): RequestInit => ({
    ...init,
    ...(method && { method }),
    ...(cache && { cache }),
    headers: { ...init?.headers, ...(range !== undefined && { range }) },
    signal,
  })
  const byXhr = ({ url, range, init, limitMs }: Ask): Promise<Body> =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      request.open('GET', url)
      request.responseType = 'arraybuffer'
      request.timeout = limitMs
      request.withCredentials = init?.credentials === 'include'
      const headers = { ...init?.headers, ...(range !== undefined && { range }) }
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
      // Chromium 156 fires `abort` when a body from any service worker is cut.
      for (const event of ['error', 'abort'])
        request.addEventListener(event, () => reject(new TypeError('error event')))
      request.addEventListener('timeout', () => reject(new TypeError('timeout event')))
      request.addEventListener('load', () => {
        const lines = request.getAllResponseHeaders().trim().split(/\r?\n/)
        const pairs = lines.map((line) => line.split(': ')).filter((pair) => pair.length > 1)
        const named = pairs.map(([name = '', ...value]) => [name.toLowerCase(), value.join(': ')])
        const bytes = request.response as ArrayBuffer
        resolve({
          status: request.status,
          type: '',
          headers: Object.fromEntries(named) as Record<string, string>,
          from: pathOf(request.responseURL),
          bytes,
        })
      })
      request.send()
    })
  const byCache = async (ask: Ask, signal: AbortSignal): Promise<Body> => {
    const cache = await caches.open('conformance')
    const request = new Request(ask.url, initOf(ask, signal))
    await cache.delete(request, { ignoreVary: true })
    await cache.add(request)
    const kept = await cache.match(request, { ignoreVary: true })
    if (!kept) throw new TypeError('not in the cache')
    return await read(kept)
  }
  const byWorker = async (ask: Ask): Promise<Omit<Outcome, 'ms'>> => {
    const shelf = globalThis as unknown as { workers?: Record<string, Worker> }
    shelf.workers ??= {}
    const module = ask.by === 'module'
    const worker = (shelf.workers[ask.by] ??= module
      ? new Worker('/conformance-module.js', { type: 'module' })
      : new Worker('/conformance-worker.js'))
    const { port1, port2 } = new MessageChannel()
    return await new Promise((resolve, reject) => {
      port1.addEventListener('message', ({ data }) => {
        port1.close()
        resolve(data as Omit<Outcome, 'ms'>)
      })
      port1.start()
      worker.addEventListener('error', ({ message }) => reject(new Error(message)))
      worker.postMessage({ ...ask, by: 'fetch' }, [port2])
    })
  }
  const byCancel = async (ask: Ask, signal: AbortSignal): Promise<Body> => {
    const response = await fetch(ask.url, initOf(ask, signal))
    const reader = response.body?.getReader()
    const { value } = (await reader?.read()) ?? {}
    await reader?.cancel()
    const again = await read(await fetch(ask.url, initOf(ask, signal)))
    // Only the bytes of a successful response can be compared with the file.
    return response.ok && value ? { ...again, prefix: new Blob([value]) } : again
  }
  const byTwo = async (ask: Ask, signal: AbortSignal): Promise<Body> => {
    const both = [0, 1].map(async () => await read(await fetch(ask.url, initOf(ask, signal))))
    const [one, other] = await Promise.all(both)
    if (one!.status !== other!.status || (await hash(one!.bytes)) !== (await hash(other!.bytes)))
      throw new TypeError('two readers got different answers')
    return one!
  }
  const made = async (ask: Ask, signal: AbortSignal): Promise<Omit<Outcome, 'ms'>> => {
    if (ask.by === 'worker' || ask.by === 'module') return await byWorker(ask)
    const body = await {
      fetch: () => byFetch(ask, signal),
      xhr: () => byXhr(ask),
      cache: () => byCache(ask, signal),
      cancel: () => byCancel(ask, signal),
      twice: () => byTwo(ask, signal),
    }[ask.by]()
    const { bytes, prefix, ...head } = body
    return {
      ...head,
      size: bytes.byteLength,
      sha256: await hash(bytes),
      ...(prefix && { prefix: await sumOf(prefix) }),
    }
  }
  const one = async (ask: Ask): Promise<Outcome> => {
    const start = performance.now()
    const ending = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        // oxlint-disable-next-line prefer-promise-reject-errors -- distinguished from errors of the browser
        reject('late')
        ending.abort()
      }, ask.limitMs)
    })
    const outcome = await Promise.race([made(ask, ending.signal), late]).catch(failed)
    clearTimeout(timer)
    return { ...outcome, ms: Math.round(performance.now() - start) }
  }

  const outcomes: Outcome[] = []
  const waiting = asks.map((ask, at) => ({ ask, at }))
  const line = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift())
      outcomes[next.at] = await one(next.ask)
  }
  await Promise.all(Array.from({ length: lanes }, line))
  return outcomes
}

/** The body of the worker scripts, classic and module. */
export const workerScript: string = `
const runRequests = ${runRequests.toString()}
addEventListener('message', async ({ data, ports: [port] }) => {
  const [outcome] = await runRequests({ asks: [data], lanes: 1 })
  port.postMessage(outcome)
})`
