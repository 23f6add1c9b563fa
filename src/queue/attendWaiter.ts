import type { Clock } from '../core/Clock.ts'
import { alarm } from './alarm.ts'
import type { Waiter } from './Waiter.ts'

/** Sets up what holds only for those who wait: they can give up, and they wait no longer than they wanted to. */
export function attendWaiter(
  waiter: Waiter,
  clock: Clock,
  on: { giveUp(waiter: Waiter): void; expire(waiter: Waiter): void },
): void {
  const { signal } = waiter
  const { maxWaitMs } = waiter.ticket.limits
  if (maxWaitMs < Infinity) waiter.stopAlarm = alarm(clock, maxWaitMs, () => on.expire(waiter))
  if (!signal) return
  if (signal.aborted) return on.giveUp(waiter)
  const giveUp = (): void => on.giveUp(waiter)
  signal.addEventListener('abort', giveUp, { once: true })
  waiter.stopListening = () => signal.removeEventListener('abort', giveUp)
}
