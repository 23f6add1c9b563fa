import type { Clock } from '../core/Clock.ts'
import { systemClock } from '../core/systemClock.ts'

/** The longest time that `setTimeout` takes; what is longer would end at once. */
const longest = 2 ** 31 - 1

/**
 * Calls back once, later. On the device's own clock this is a plain timer: an admission arms and disarms one, and a
 * sleep with a signal costs ten times as much.
 *
 * @param ms milliseconds
 * @returns calls it off
 */
export function alarm(clock: Clock, ms: number, ring: () => void): () => void {
  if (clock !== systemClock) {
    const controller = new AbortController()
    clock.sleep(ms, controller.signal).then(ring, () => undefined)
    return () => controller.abort('called off')
  }
  let timer: ReturnType<typeof setTimeout>
  const wait = (left: number): void => {
    timer = setTimeout(
      () => (left > longest ? wait(left - longest) : ring()),
      Math.min(left, longest),
    )
  }
  wait(ms)
  return () => clearTimeout(timer)
}
