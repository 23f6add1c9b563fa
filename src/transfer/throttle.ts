/** A function that runs at most once per interval, and never later than one interval after it was called. */
export interface Throttled {
  (): void
  /** Runs at once, if it is due or was called; nothing runs later unless it is called again. */
  now(): void
}

/**
 * @param work what to run
 * @param ms interval, milliseconds
 */
export function throttle(work: () => void, ms: number): Throttled {
  let timer: ReturnType<typeof setTimeout> | undefined
  let last = -Infinity
  const run = (): void => {
    clearTimeout(timer)
    timer = undefined
    last = performance.now()
    work()
  }
  const throttled = (): void => {
    timer ??= setTimeout(run, Math.max(0, last + ms - performance.now()))
  }
  return Object.assign(throttled, { now: run })
}
