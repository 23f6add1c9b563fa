import type { RequestRecord } from '../record/openRecord.ts'
import type { Completion } from '../record/Completion.ts'
import { outcomeOf } from '../record/outcomeOf.ts'
import type { Rules } from '../Rules.ts'
import { dress, type Dressing } from './dress.ts'
import type { Place } from './enter.ts'
import { followBody, type BodyEnd } from './followBody.ts'

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304])

const outcomes: Readonly<Record<Exclude<BodyEnd, 'done'>, Completion['outcome']>> = {
  failed: 'server-error',
  stalled: 'overload',
  cancelled: 'cancelled',
}

/**
 * Gives an answer to the client. Its place is held until the last byte has left, or never will.
 *
 * @param response of a service; its body is handed on as it comes
 * @param request for its method
 * @param dressing of the answer's headers
 */
export function deliver(
  response: Response,
  request: Request,
  dressing: Dressing,
  {
    rules: { clock, idleMs },
    place,
    record,
  }: {
    readonly rules: Pick<Rules, 'clock' | 'idleMs'>
    readonly place: Place
    readonly record: RequestRecord
  },
): Response {
  const { status, statusText, body } = response
  const ended = (how: BodyEnd): void => {
    place.release()
    record.ended(status, how === 'done' ? outcomeOf(status) : outcomes[how])
  }
  const isBodyless = body === null || request.method === 'HEAD' || withoutBody.has(status)
  const followed = isBodyless ? null : followBody(body, { place, idleMs, clock, ended })
  // Always a copy: a service may give the same object to several requests.
  const answer = new Response(followed, { status, statusText, headers: response.headers })
  dress(answer.headers, status, dressing)
  if (isBodyless) {
    body?.cancel().catch(() => undefined)
    ended('done')
  }
  return answer
}
