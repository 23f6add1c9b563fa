/** A release of modelferry, as identified by its three files. */
export interface Release {
  readonly version: string
  /** 12 characters, as the build's own. */
  readonly build: string
  /** Raised for incompatible messages; default: the number of the built files. */
  readonly protocol?: number
}
