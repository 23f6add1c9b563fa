/** Room on the device, in bytes. */
export interface Usage {
  /** By everything of this origin, as the browser estimates it. */
  readonly used: number
  /** What the browser allows this origin. */
  readonly quota: number
  /** By model files, committed bytes only. */
  readonly held: number
  /** Count of model files, complete and partial. */
  readonly files: number
}
