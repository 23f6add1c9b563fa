import { FerryError } from '../core/index.ts'

/** The first bytes of a body; the rest and its connection are cancelled. */
export interface Beginning {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether the body was longer. */
  readonly cut: boolean
}

/**
 * Reads a small body without trusting its length.
 *
 * @param limit bytes
 * @throws the error of the body
 */
export async function readAtMost(response: Response, limit: number): Promise<Beginning> {
  if (response.body === null) return { bytes: new Uint8Array(), cut: false }
  const parts: Uint8Array[] = []
  let length = 0
  const reader = response.body.getReader()
  while (length <= limit) {
    const { done, value } = await reader.read()
    if (done) break
    parts.push(value)
    length += value.length
  }
  if (length > limit) await reader.cancel()
  const bytes = new Uint8Array(Math.min(length, limit))
  let at = 0
  for (const part of parts) {
    bytes.set(part.subarray(0, bytes.length - at), at)
    at = Math.min(bytes.length, at + part.length)
  }
  return { bytes, cut: length > limit }
}

/**
 * @param what name of the response, for the message
 * @param limit bytes; a larger response is refused
 * @throws FerryError `protocol` when it is too large or not JSON
 */
export async function readJson(what: string, response: Response, limit: number): Promise<unknown> {
  const { bytes, cut } = await readAtMost(response, limit)
  const fault = (why: string): FerryError =>
    new FerryError('protocol', `${what} ${why}. Check that the address is a hub or its storage.`, {
      url: response.url,
      status: response.status,
    })
  if (cut) throw fault(`is longer than ${limit} bytes`)
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // The parser's own message quotes the text, which may contain tokens and signatures.
    throw fault(`is not JSON (${bytes.length} bytes)`)
  }
}
