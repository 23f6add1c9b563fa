/** What the device knows of one path of a commit. */
export interface KnownPath {
  /** From the slash after the commit on. */
  readonly path: string
  /** `none`: the hub said that there is nothing. `told`: what it said is here, but no bytes. */
  readonly state: 'complete' | 'partial' | 'told' | 'none'
}
