import type { Clock } from '../core/Clock.ts'
import { FerryError } from '../core/FerryError.ts'
import { alarm } from './alarm.ts'

/**
 * Waits for a store that may hang.
 *
 * @param ms milliseconds
 * @throws FerryError `timeout`; what the promise rejects with
 */
export function inTime<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = alarm(clock, ms, () => {
      const message = `The limit store has not answered within ${ms} ms.`
      reject(new FerryError('timeout', message, { retryable: true }))
    })
    promise.then(resolve, reject).finally(late)
  })
}
