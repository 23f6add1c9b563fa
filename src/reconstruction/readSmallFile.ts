import { FerryError } from '../core/FerryError.ts'
import { readAtMost } from '../net/readAtMost.ts'
import { isElsewhere } from './isElsewhere.ts'
import { isSizeCertain } from './isSizeCertain.ts'

/** Up to here the body that comes with the first answer is cheaper than another request, bytes. */
const limit = 2 ** 20

/**
 * The file itself, where the answer to the first question brings it anyway: it is small, and lies on the
 * server that was asked. Every other body is cancelled.
 *
 * @param url the address asked, without fragment
 * @returns undefined for every other file, and where compression hid that it is large
 * @throws FerryError `network` when the body is cut
 */
export async function readSmallFile(
  response: Response,
  url: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { status, headers } = response
  const told = headers.get('content-length') ?? ''
  const linked = headers.has('x-linked-size') || headers.has('x-linked-etag')
  const small = /^\d{1,7}$/.test(told) && Number(told) <= limit
  if (status !== 200 || !small || linked || isElsewhere(response, url)) {
    await response.body?.cancel()
    return undefined
  }
  const { bytes, cut } = await readAtMost(response, limit)
  if (cut) return undefined
  if (isSizeCertain(response) && bytes.length !== Number(told)) {
    const message = `Only ${bytes.length} of ${told} bytes came. Ask again.`
    throw new FerryError('network', message, { url, retryable: true })
  }
  return bytes
}
