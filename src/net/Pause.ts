/** A server's wish not to be asked for a while. */
export interface Pause {
  /** As `https://host:port`. */
  readonly origin: string
  /** Local epoch milliseconds. */
  readonly until: number
  /** Of the answer that said so; absent: a success that was the last one for now. */
  readonly status?: number
}
