/** Parameters of a client, as data that can be sent to workers. */
export interface ClientTask {
  /** Origin of the hub. */
  readonly hub: string
  /** `owner/name` */
  readonly repo: string
  /** Path within the repository, for clients that need one. */
  readonly path?: string
  /** Branch or commit; default: the library's own. */
  readonly revision?: string
  /** Token for the library itself; default: none. */
  readonly token?: string
  /** Whether the library reports progress; some libraries then request sizes first. */
  readonly progress?: boolean
  /** Whether the hub's own client loads by xorbs; default: its own choice. */
  readonly xet?: boolean
  /** Whether the library loads its runtime from its default URL; default: from the app's own site. */
  readonly ownRuntime?: boolean
  /** Threads of onnxruntime-web, in an isolated page; default: one. */
  readonly threads?: number
  /** Row of the table model. */
  readonly row?: number
  /** How the library is configured for modelferry; default: it stores its own copies. */
  readonly advice?: 'keep nothing' | 'file handles' | 'look in modelferry' | 'fetch by modelferry'
}
