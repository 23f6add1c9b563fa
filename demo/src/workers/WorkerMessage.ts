/** What the page asks of a worker. Each question gets one reply with its `id`. */
export interface WorkerQuestion {
  id: number
  /** Name of what is wanted. */
  ask: string
  argument: unknown
}

/** What the worker replies. */
export type WorkerReply = { id: number; answer: unknown } | { id: number; failure: string }
