/** A file that is on the device now, as the loader tells its page. */
export interface LoadedFile {
  /** As asked, without fragment. */
  readonly url: string
  readonly content: string
  /** Bytes. */
  readonly size: number
}
