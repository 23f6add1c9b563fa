import type { Clock } from '../core/Clock.ts'

/**
 * Does something again a few times while a file is busy: `NotReadableError`, because it changed between
 * taking the handle and reading; `NoModificationAllowedError`, because somebody else has it open.
 *
 * @param patienceMs how long in all
 */
export async function retryBusy<T>(
  clock: Clock,
  patienceMs: number,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const until = clock.now() + patienceMs
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    try {
      return await work()
    } catch (error) {
      const name = error instanceof DOMException ? error.name : ''
      const busy = name === 'NotReadableError' || name === 'NoModificationAllowedError'
      if (!busy || clock.now() >= until) throw error
    }
    await clock.sleep(pause, signal)
  }
}
