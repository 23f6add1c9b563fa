import { HubRefusal } from '../answer/HubRefusal.ts'
import type { HubContext } from '../HubContext.ts'
import { openToken } from '../signing/openToken.ts'
import { findFile } from './findFile.ts'

/**
 * Says in `Content-Length` how long a xorb or file is, without a body.
 *
 * @param hub what handlers use
 * @param request HEAD with a CAS token
 * @param what xorb (stored bytes) or file (its own bytes)
 * @param hash of it
 */
export async function describe(
  hub: HubContext,
  request: Request,
  what: 'xorb' | 'file',
  hash: string,
): Promise<Response> {
  let size: number
  if (what === 'file') {
    size = (await findFile(hub, request, hash)).size
  } else {
    openToken(hub.secrets, request.headers.get('authorization'), hub.clock.now())
    const xorb = hub.xorbs.get(hash)
    if (xorb === undefined) throw new HubRefusal(404, `No xorb has the hash ${hash}.`)
    size = xorb.bytes
  }
  return new Response(null, { headers: { 'content-length': String(size) } })
}
