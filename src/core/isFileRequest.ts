/** The shape of a request, as it can be seen at once. */
interface RequestShape {
  readonly url: string
  readonly method: string
  readonly mode: RequestMode
  readonly cache: RequestCache
}

/**
 * Whether a request may be answered with a model file, if it names one. Everything else is the browser's:
 * visits, changes, what its own cache alone may answer, and requests to other origins that are to stay opaque
 * or to fail there.
 *
 * @param origin of the page
 */
export function isFileRequest({ url, method, mode, cache }: RequestShape, origin: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  if (cache === 'only-if-cached' || mode === 'navigate') return false
  return mode === 'cors' || url.startsWith(`${origin}/`)
}
