import type { Block } from './Block.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'

/** What is remembered about a file's reconstruction between sessions; may vanish without harm. No tokens. */
export interface ReconstructionRecord {
  readonly info?: FileInfo
  /** One per file range asked for. */
  readonly blocks: readonly Block[]
}
