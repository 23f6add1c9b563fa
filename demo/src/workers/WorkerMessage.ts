/** A call from the page to a worker. Each call gets one reply with its `id`. */
export interface WorkerQuestion {
  id: number
  /** Name of the method. */
  ask: string
  argument: unknown
}

/** The reply of the worker. */
export type WorkerReply = { id: number; answer: unknown } | { id: number; failure: string }
