import type { Fetched } from '../../stage/Fetched.ts'
import type { StageWindow } from '../../stage/StageWindow.ts'

/** The request, and how to split the response. */
export interface DigestFetch {
  readonly url: string
  readonly headers?: Record<string, string>
  /** Bytes of each part but the last. */
  readonly slice: number
  /** The page's own `fetch` (default), or that of the connection. */
  readonly by?: 'page' | 'ferry'
  /** Aborts after this many milliseconds. */
  readonly abortMs?: number | undefined
}

/** The response, as the SHA-256 of each part. */
export interface Digested extends Pick<Fetched, 'status' | 'headers' | 'size' | 'failure'> {
  /** Hex digits. */
  readonly digests: readonly string[]
}

/**
 * Whether the response is a server's error. A page's own request may be refused with 403 too, as without modelferry:
 * the URL of a redirect may expire before storage has read the request.
 */
export function isRefused({ status, headers }: Pick<Digested, 'status' | 'headers'>): boolean {
  return status >= 500 || (status === 403 && headers['x-modelferry'] === undefined)
}

/**
 * Runs in the page: fetches and hashes part by part, so that at most one part is in memory. It is sent there as text,
 * so it uses nothing from outside.
 */
export async function digestInPage(wanted: DigestFetch): Promise<Digested> {
  const { url, headers = {}, slice, by = 'page', abortMs } = wanted
  const part = new Uint8Array(slice)
  const digests: string[] = []
  let head: Pick<Digested, 'status' | 'headers'> = { status: 0, headers: {} }
  let failure: string | undefined
  let size = 0
  let filled = 0
  const digest = async (): Promise<void> => {
    const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', part.subarray(0, filled)))
    digests.push([...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''))
    filled = 0
  }
  try {
    const signal = abortMs === undefined ? null : AbortSignal.timeout(abortMs)
    const response =
      by === 'page'
        ? await fetch(url, { headers, signal })
        : await (window as unknown as StageWindow).ferry.fetch(url, { headers, signal })
    head = { status: response.status, headers: Object.fromEntries(response.headers) }
    const reader = response.body!.getReader()
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      size += read.value.length
      for (let at = 0; at < read.value.length;) {
        const some = read.value.subarray(at, at + slice - filled)
        part.set(some, filled)
        filled += some.length
        at += some.length
        if (filled === slice) await digest()
      }
    }
  } catch (error) {
    failure = String(error)
  }
  if (filled > 0) await digest()
  return { ...head, size, digests, ...(failure !== undefined && { failure }) }
}
