/** Everything a configuration is made of, already read: nothing here touches a file. */
export interface ConfigSources {
  /** Variables of the process; only those that begin with `MODELFERRY_`, or that a file refers to, are looked at. */
  readonly process: Readonly<Record<string, string | undefined>>
  /** The file of this machine, parsed. */
  readonly local?: unknown
  /** The file of all machines, parsed. */
  readonly shared?: unknown
  /** Which of the files' `environments` is put over their base; else the variable `MODELFERRY_ENVIRONMENT` says it. */
  readonly environment?: string
  /** What the files are called in errors. Default: `the local file`, `the shared file`. */
  readonly names?: { readonly local?: string; readonly shared?: string }
}
