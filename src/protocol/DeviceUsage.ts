import type { KeptCopy } from './KeptCopy.ts'

/** Room on the device, in bytes. */
export interface DeviceUsage {
  /** By everything of this origin, as the browser estimates it. */
  readonly used: number
  /** What the browser allows this origin. */
  readonly quota: number
  /** By model files. */
  readonly held: number
  /** Count of model files, complete and partial. */
  readonly files: number
  /** By what hubs say of models: listings and pointers. */
  readonly notes: number
  /** By scripts and WebAssembly of model runtimes. */
  readonly runtimes: number
  /** What libraries keep a second time of the files that are here. */
  readonly copies: readonly KeptCopy[]
}
