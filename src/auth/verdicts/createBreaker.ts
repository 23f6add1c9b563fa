import type { Clock } from '../../core/Clock.ts'

/** Keeps questions away from a service that does not answer. */
export interface Breaker {
  /** @returns null when a question may be asked; else milliseconds until one may */
  enter(): number | null
  succeeded(): void
  failed(): void
}

/**
 * Opens after so many failures in a row; after a while one question is let through, and its outcome decides.
 * Who was let in must say how it went.
 *
 * @param failures in a row that open it
 * @param openMs how long it stays open, milliseconds
 * @param probeMs told as delay while the one question is under way, milliseconds
 */
export function createBreaker(
  clock: Pick<Clock, 'now'>,
  failures: number,
  openMs: number,
  probeMs: number,
): Breaker {
  let failed = 0
  let openUntil: number | null = null
  let probing = false
  return {
    enter: () => {
      if (openUntil === null) return null
      const left = openUntil - clock.now()
      if (left > 0) return left
      if (probing) return probeMs
      probing = true
      return null
    },
    succeeded: () => {
      failed = 0
      openUntil = null
      probing = false
    },
    failed: () => {
      failed += 1
      // Questions asked before it opened may fail after: they do not prolong it.
      if (probing || (openUntil === null && failed >= failures)) openUntil = clock.now() + openMs
      probing = false
    },
  }
}
