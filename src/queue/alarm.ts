import type { Clock } from '../core/Clock.ts'
import { systemClock } from '../core/systemClock.ts'

/** The longest time that `setTimeout` takes, three weeks; what is longer would end at once. */
const longest = 2 ** 31 - 1

/**
 * Calls back once, later; after three weeks at the latest. On the device's own clock this is a plain timer: an
 * admission arms and disarms one, and a sleep with a signal costs ten times as much.
 *
 * @param ms milliseconds
 * @returns calls it off
 */
export function alarm(clock: Clock, ms: number, ring: () => void): () => void {
  if (clock === systemClock) {
    const timer = setTimeout(ring, Math.min(ms, longest))
    return () => clearTimeout(timer)
  }
  const controller = new AbortController()
  clock.sleep(ms, controller.signal).then(ring, () => undefined)
  return () => controller.abort('called off')
}
