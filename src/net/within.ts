import type { Clock } from '../core/Clock.ts'

/**
 * Calls back unless the work is settled in time. The work goes on; whoever is called ends it.
 *
 * @param ms milliseconds
 * @throws what the work throws
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  late: () => void,
  work: Promise<T>,
): Promise<T> {
  const timer = new AbortController()
  clock.sleep(ms, timer.signal).then(late, () => {})
  try {
    return await work
  } finally {
    timer.abort()
  }
}
