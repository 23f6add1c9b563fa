import type { Clock } from '../../core/async.ts'

/** A clock that stands still until it is set ahead. */
export interface ManualClock extends Clock {
  /** Sets it ahead. Each sleeper wakes at its exact moment, and the resulting work runs before the next one wakes. */
  readonly pass: (ms: number) => Promise<void>
  /** Timers that are set. */
  readonly sleeping: number
}

/** Starts at a fixed moment of 2030. */
export function manualClock(): ManualClock {
  let now = Date.UTC(2030, 0, 1)
  const sleepers = new Set<{ at: number; wake: () => void }>()
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper = { at: now + Math.max(0, ms), wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      }),
    pass: async (ms) => {
      const end = now + ms
      for (;;) {
        await microtasks()
        const [next] = [...sleepers].toSorted((a, b) => a.at - b.at)
        if (!next || next.at > end) break
        sleepers.delete(next)
        now = next.at
        next.wake()
      }
      now = end
      await microtasks()
    },
    get sleeping() {
      return sleepers.size
    },
  }
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve()
}
