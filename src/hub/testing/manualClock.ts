import { sleep } from '../../core/async.ts'
import type { Clock } from '../../core/async.ts'

/** A clock that only a test advances. */
export function manualClock(): Clock & { pass(ms: number): void } {
  let now = Date.UTC(2030, 0, 1)
  return { now: () => now, sleep, pass: (ms) => void (now += ms) }
}
