/** Differences between browsers that the core scenarios can observe. */
export interface CoreTraits {
  /**
   * Fetched bytes outlive their page at once. Otherwise they do after at most two seconds: bytes in a stream are
   * invisible until it is closed.
   */
  readonly lastsAtOnce: boolean
  /** A response is sent when its whole body is available. */
  readonly answersWhole: boolean
}
