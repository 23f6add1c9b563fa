/** Who sees a branch. */
export interface Viewer {
  /** Under which the hub's answers are kept, beside those for everybody. */
  readonly grant: string
  /** As in `SourceOptions`; undefined: sees the newest, whenever it asks. */
  readonly client: string | undefined
}
