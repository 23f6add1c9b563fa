import type { MaybePromise } from './MaybePromise.ts'

/** Goes on with a value, at once when it is here already. */
export function whenSettled<T, U>(
  value: MaybePromise<T>,
  go: (value: T) => MaybePromise<U>,
): MaybePromise<U> {
  return value instanceof Promise ? value.then(go) : go(value)
}
