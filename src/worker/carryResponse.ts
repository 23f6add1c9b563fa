import { capabilities } from '../core/capabilities.ts'
import type { CarriedResponse } from '../protocol/CarriedResponse.ts'

/**
 * A response as data that may cross to the page: its body as a stream where streams can be transferred, else
 * read whole first.
 */
export async function carryResponse(
  response: Response,
  url: string,
): Promise<{ carried: CarriedResponse; transferables: Transferable[] }> {
  const { status, statusText, body } = response
  const headers = [...response.headers]
  const head = { url: response.url || url, status, statusText, headers }
  if (body === null) return { carried: { ...head, body: null }, transferables: [] }
  if (capabilities.streamTransfer) return { carried: { ...head, body }, transferables: [body] }
  return { carried: { ...head, body: await response.blob() }, transferables: [] }
}
