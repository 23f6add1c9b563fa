import { HubRefusal } from './HubRefusal.ts'

/**
 * The whole body of a request, bounded.
 *
 * @param request its body is consumed
 * @param limit most bytes
 * @throws HubRefusal 413 when there are more
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const tooLarge = (): HubRefusal =>
    new HubRefusal(413, `The body may have at most ${limit} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw tooLarge()
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of request.body ?? []) {
    length += part.byteLength
    if (length > limit) throw tooLarge()
    parts.push(part)
  }
  const body = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    body.set(part, at)
    at += part.byteLength
  }
  return body
}
