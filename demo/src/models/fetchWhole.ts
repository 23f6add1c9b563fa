import type { Answer } from './Answer.ts'

/**
 * Fetches a model file by its ordinary URL, like any library on a page.
 *
 * @throws Error when the response is not a success
 */
export async function fetchWhole(url: string): Promise<{ body: ArrayBuffer; answer: Answer }> {
  const started = performance.now()
  const response = await fetch(url)
  if (!response.ok) {
    const code = response.headers.get('x-error-message') ?? response.statusText
    throw new Error(`${new URL(url).pathname} was answered with ${response.status} ${code}`)
  }
  const body = await response.arrayBuffer()
  const source = response.headers.get('x-modelferry')
  const tookMs = performance.now() - started
  return { body, answer: { url, source, bytes: body.byteLength, tookMs } }
}
