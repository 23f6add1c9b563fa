/** A file that a library keeps beside the one modelferry holds. */
export interface KeptCopy {
  readonly url: string
  /** Name of the cache (`transformers-cache`, `webllm/model`, …), or `wllama` for that library's folder. */
  readonly place: string
  /** Bytes. */
  readonly size: number
  /**
   * Whether it is an answer of ours with the bytes of the file that is here, proven by hash. Only such copies
   * are removed, and none of wllama's: a file fails under its reader when it is removed, an entry of a cache
   * does not.
   */
  readonly removable: boolean
}
