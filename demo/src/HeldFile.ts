/** A file on the device, whole or in part. */
export interface HeldFile {
  url: string
  /** Of the whole file, in bytes. */
  size: number
  /** How many of them are here. */
  held: number
}
