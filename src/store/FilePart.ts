/** Where a stretch of a file's bytes lies on the device. */
export interface FilePart {
  /** Name of the OPFS file inside the model file's folder. */
  readonly name: string
  /** First byte of the stretch in the model file. */
  readonly offset: number
  /** First byte of the stretch in the OPFS file. */
  readonly at: number
  readonly length: number
}
