import { readAtMost } from '../net/readAtMost.ts'
import type { Refusal } from '../protocol/Refusal.ts'

/** Bytes of an error's body that the page gets to see. */
const limit = 65_536

/** Keeps an answer that is no file as it is, for the page. */
export async function readRefusal(response: Response): Promise<Refusal> {
  const { status, statusText } = response
  const { bytes: body } = await readAtMost(response, limit)
  return { status, statusText, headers: [...response.headers], body }
}
