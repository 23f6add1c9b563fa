/**
 * Whether `Content-Length` is the length of the file. It is not when the body is compressed, and across
 * origins that cannot always be seen: `Content-Length` is readable there, `Content-Encoding` seldom. What
 * servers commonly compress is then not believed.
 */
export function isSizeCertain({ headers, type }: Pick<Response, 'headers' | 'type'>): boolean {
  if (!/^\d{1,15}$/.test(headers.get('content-length') ?? '')) return false
  const encoding = headers.get('content-encoding')
  if (encoding !== null) return encoding === 'identity'
  return type !== 'cors' || !compressible.test(headers.get('content-type') ?? '')
}

const compressible = /^text\/|json|javascript|xml|wasm|^$/i
