/** A release of modelferry as another one sees it: what its three files say of themselves. */
export interface Release {
  readonly version: string
  /** 12 characters, as the build's own. */
  readonly build: string
  /** Grows when releases could misunderstand each other; default: that of the built files. */
  readonly protocol?: number
}
