/** What may be changed while the hub runs. Every field is complete: defaults are filled in once. */
export interface HubSettings {
  /** How long a presigned URL is good for, milliseconds; 1000 at least. Default: one hour. */
  urlLifetimeMs: number
  /** How long a CAS token is good for, milliseconds. Default: 15 minutes. */
  tokenLifetimeMs: number
  /**
   * True (default): a `Range` must be exactly one of those the URL was signed for, and every range of a
   * multi-range request too. False: any range within a signed one will do.
   */
  exactRanges: boolean
  /** Which reconstruction APIs exist. Default: both. */
  reconstruction: 'v1' | 'v2' | 'both'
  /** How the API that does not exist answers. Default: 404. */
  absentStatus: 404 | 501
  /** False: answers of 400 and above carry no CORS headers, so a browser sees an opaque failure. Default: true. */
  corsOnErrors: boolean
  /**
   * True: one URL per xorb, signed for several ranges. False (default): one URL per range, which suits
   * browsers, because only a single range is free of preflights.
   */
  multirange: boolean
  /** Most bytes of one signed range; a run of chunks that is longer becomes several terms. Default: no limit. */
  descriptorBytes: number
  /**
   * Files that are served as plain LFS objects although they are stored as xorbs: `owner/name`,
   * `datasets/owner/name`, or one of these with `/path` behind it; `*` stands for anything. Default: none.
   */
  withoutXet: readonly string[]
  /**
   * True (default): a chunk query for an unknown chunk is answered with what the repository already holds,
   * because a new version of a model nearly always differs in its very first chunk, the only one that
   * clients ask about. False: 404.
   */
  dedupeHints: boolean
}
