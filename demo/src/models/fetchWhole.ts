import type { Answer } from './Answer.ts'

/**
 * A model file by its ordinary URL, with an ordinary fetch: what any library on a page does.
 *
 * @throws Error when the answer is no success
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
