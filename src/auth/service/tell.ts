/** Tells an observer. One that fails must not change what it observes. */
export function tell<T>(observer: ((value: T) => void) | undefined, value: T): void {
  try {
    observer?.(value)
  } catch {
    // Nobody is left to tell.
  }
}
