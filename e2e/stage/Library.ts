import type { StageFile } from './StageFile.ts'

/** A folder of a hub, filled by the hub's own client, and its files. */
export interface Library {
  /** For one hub at a time. */
  readonly folder: string
  readonly files: {
    /** Silero v6, voice activity: 2.3 MB. */
    readonly vad: StageFile
    /** PP-OCRv4 recogniser: 10.8 MB. */
    readonly rec: StageFile
    /** A small git file: no Xet, no LFS. */
    readonly config: StageFile
    /** 6 MB in one xorb, chunks of all three compression schemes. */
    readonly mixed: StageFile
    /** 36 MB of noise in one xorb. */
    readonly wide: StageFile
    /** 78 MB in several xorbs, chunks of all three compression schemes. */
    readonly large: StageFile
  }
}
