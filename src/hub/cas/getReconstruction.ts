import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { parseRanges } from '../answer/parseRanges.ts'
import type { HubContext } from '../HubContext.ts'
import { signUrl } from '../signing/signUrl.ts'
import { findFile } from './findFile.ts'
import { planReconstruction } from './planReconstruction.ts'
import { signPlan } from './signPlan.ts'
import { writeReconstruction } from './writeReconstruction.ts'

/**
 * Says which bytes of which xorbs make a file, or the range of it that the request's `Range` names.
 *
 * @param hub what handlers use
 * @param request its `Range` is in bytes of the file
 * @param hash Xet file hash
 * @param version of the API
 */
export async function getReconstruction(
  hub: HubContext,
  request: Request,
  hash: string,
  version: 1 | 2,
): Promise<Response> {
  const { settings } = hub
  if (settings.reconstruction !== 'both' && settings.reconstruction !== `v${version}`) {
    throw new HubRefusal(settings.absentStatus, `This CAS has no reconstruction API v${version}.`)
  }
  const file = await findFile(hub, request, hash)
  const ranges = parseRanges(request.headers.get('range'), file.size)
  if (ranges === 'none') {
    throw new HubRefusal(416, `The file has ${file.size} bytes.`, undefined, {
      'content-range': `bytes */${file.size}`,
    })
  }
  const range = ranges === 'all' ? { start: 0, end: file.size } : ranges[0]!
  const plan = planReconstruction(
    file,
    range,
    (xorb) => hub.xorbs.get(xorb)!,
    settings.descriptorBytes,
  )
  const expires = hub.clock.now() + settings.urlLifetimeMs
  const origin = hub.storageOrigin(request)
  const entries = signPlan(plan, settings.multirange, (xorb, signed) => {
    const path = `/xorbs/default/${xorb}`
    return signUrl(hub.secrets, { origin, path, method: 'GET', ranges: signed, expires })
  })
  return jsonAnswer(writeReconstruction(plan, entries, version))
}
