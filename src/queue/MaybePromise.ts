/** At once where that is possible: a store in this process costs no turn of the event loop. */
export type MaybePromise<T> = T | Promise<T>
