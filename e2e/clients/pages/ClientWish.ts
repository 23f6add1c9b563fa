/** What a client is asked to do, as data: it goes to workers too. */
export interface ClientWish {
  /** Origin of the hub. */
  readonly hub: string
  /** `owner/name` */
  readonly repo: string
  /** Within the repository, where a client takes one. */
  readonly path?: string
  /** Branch or commit, where it is not the library's default. */
  readonly revision?: string
  /** Whether the library is to report progress, which makes some ask for sizes first. */
  readonly progress?: boolean
  /** Whether the hub's own client may load by xorbs; default: as it likes. */
  readonly xet?: boolean
  /** Whether the library gets its runtime where it does by itself; default: from the app's own site. */
  readonly ownRuntime?: boolean
  /** How many threads onnxruntime-web may use, in an isolated page; default: one. */
  readonly threads?: number
  /** Whether the library is told that modelferry holds the files; default: it keeps copies as it likes. */
  readonly told?: 'keep nothing' | 'look in modelferry' | 'fetch by modelferry'
}
