/** What a CAS token says. */
export interface CasToken {
  readonly scope: 'read' | 'write'
  /** Repository it was given for, as `repoKey` writes it. */
  readonly repo: string
  /** What the caller's front gave to carry. */
  readonly carry?: string
  /** Unix seconds. */
  readonly exp: number
}
