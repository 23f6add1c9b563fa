import { FerryError } from '../../core/FerryError.ts'
import { HubRefusal } from './HubRefusal.ts'
import { jsonAnswer } from './jsonAnswer.ts'

/**
 * The answer to a request that failed: JSON `{ error }`, plus the two headers hub clients decide by.
 *
 * @param error what was thrown; a `protocol` or `integrity` error of the codec is the sender's fault (400),
 *   anything unknown is ours (500) and says nothing about itself, since its text may hold paths
 */
export function refusalAnswer(error: unknown): Response {
  const refusal = toRefusal(error)
  return jsonAnswer({ error: refusal.message }, refusal.status, {
    // HTTP header values are Latin-1 without controls; messages may quote what was sent.
    'x-error-message': refusal.message.replaceAll(/[^\u0020-\u007e]/g, '?'),
    ...(refusal.code === undefined ? {} : { 'x-error-code': refusal.code }),
    ...refusal.headers,
  })
}

function toRefusal(error: unknown): HubRefusal {
  if (error instanceof HubRefusal) return error
  if (error instanceof FerryError && (error.code === 'protocol' || error.code === 'integrity')) {
    return new HubRefusal(400, error.message)
  }
  return new HubRefusal(500, 'The hub failed to answer this request.')
}
