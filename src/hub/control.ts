import { FerryError } from '../core/index.ts'
import { readJson } from './body.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import type { FaultRule } from './faults.ts'
import type { Hub } from './hub.ts'

/**
 * The controls over HTTP, under `/-/`: `POST expire-urls`; `GET`, `POST`, `DELETE faults`; `GET`, `DELETE log`;
 * `GET`, `PATCH settings`; `PUT`, `DELETE gated/owner/name`. For demos and tests.
 *
 * @param hub the controlled hub
 * @param request any
 * @param action the path after `/-/`
 * @throws HubRefusal 400 for a wrong value, 404 for another action
 */
export async function control(hub: Hub, request: Request, action: string): Promise<Response> {
  const [name = '', ...rest] = action.split('/')
  try {
    switch (`${request.method} ${name}`) {
      case 'POST expire-urls':
        await hub.expireUrls()
        return jsonAnswer({ expired: true })
      case 'GET faults':
        return jsonAnswer(hub.faults.rules)
      case 'POST faults':
        hub.faults.add((await readJson(request)) as unknown as FaultRule)
        return jsonAnswer(hub.faults.rules)
      case 'DELETE faults':
        hub.faults.clear()
        return jsonAnswer([])
      case 'GET log':
        return jsonAnswer(hub.log.entries)
      case 'DELETE log':
        hub.log.clear()
        return jsonAnswer([])
      case 'GET settings':
        return jsonAnswer(hub.settings)
      case 'PATCH settings':
        hub.configure(await readJson(request))
        return jsonAnswer(hub.settings)
      case 'PUT gated':
        hub.gated.add(rest.join('/'))
        return jsonAnswer([...hub.gated])
      case 'DELETE gated':
        hub.gated.delete(rest.join('/'))
        return jsonAnswer([...hub.gated])
      default:
        throw new HubRefusal(404, `There is no control ${request.method} ${name}.`)
    }
  } catch (error) {
    if (error instanceof FerryError) throw new HubRefusal(400, error.message)
    throw error
  }
}
