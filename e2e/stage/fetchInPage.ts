import type { Fetched } from './Fetched.ts'
import type { StageWindow } from './StageWindow.ts'

/** A request of the page. */
export interface PageFetch {
  readonly url: string
  readonly init?: Pick<
    RequestInit,
    | 'method'
    | 'headers'
    | 'body'
    | 'mode'
    | 'cache'
    | 'credentials'
    | 'redirect'
    | 'keepalive'
    | 'integrity'
  >
  /** The page's own `fetch` (default), or that of the connection. */
  readonly by?: 'page' | 'ferry'
}

/** Runs in the page: fetches, reads and hashes. It is sent as text, so it must not use outer variables. */
export async function fetchInPage({ url, init, by = 'page' }: PageFetch): Promise<Fetched> {
  const parts: Uint8Array<ArrayBuffer>[] = []
  let head: Pick<Fetched, 'status' | 'url' | 'headers'> = { status: 0, url: '', headers: {} }
  let failure: string | undefined
  try {
    const response =
      by === 'page'
        ? await fetch(url, init)
        : await (window as unknown as StageWindow).ferry.fetch(url, init)
    const { status, headers } = response
    head = { status, url: response.url, headers: Object.fromEntries(headers) }
    const reader = response.body?.getReader()
    for (let read = await reader?.read(); read?.value; read = await reader?.read())
      parts.push(read.value)
  } catch (error) {
    failure = String(error)
  }
  const blob = new Blob(parts)
  const bytes = await blob.arrayBuffer()
  const digest = isSecureContext ? await crypto.subtle.digest('SHA-256', bytes) : new ArrayBuffer()
  const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0'))
  return {
    ...head,
    size: blob.size,
    sha256: hex.join(''),
    ...(failure !== undefined && { failure }),
    ...(blob.size < 4096 && { text: await blob.text() }),
  }
}
