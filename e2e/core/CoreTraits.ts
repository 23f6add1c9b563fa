/** What browsers differ in, as far as scenarios of the core can see it. */
export interface CoreTraits {
  /**
   * What came of a file outlives its page at once. Else it does after two seconds at most: bytes in a stream
   * cannot be seen before that is closed.
   */
  readonly lastsAtOnce: boolean
  /** An answer waits until all of its body is here. */
  readonly answersWhole: boolean
}
