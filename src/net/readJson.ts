import { FerryError } from '../core/FerryError.ts'
import { readAtMost } from './readAtMost.ts'

/**
 * @param what which answer this is, for the message
 * @param limit bytes; a larger answer is refused rather than held
 * @throws FerryError `protocol` when it is too large or no JSON
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
    // The parser's own message quotes the text, which may hold tokens and signatures.
    throw fault(`is no JSON (${bytes.length} bytes)`)
  }
}
