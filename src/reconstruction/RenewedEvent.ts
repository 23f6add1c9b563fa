/** A block's URLs were replaced by fresh ones. */
export interface RenewedEvent {
  readonly type: 'renewed'
  readonly content: string
  /** The file's own address, not a signed one. */
  readonly url: string
  readonly generation: number
  /** Whether the runs differ from those of the block before: what was planned from it must be planned anew. */
  readonly changed: boolean
}
