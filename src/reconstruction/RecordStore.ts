import type { ReconstructionRecord } from './ReconstructionRecord.ts'

/** Where records live, by content id ({@link FileInfo.content}). */
export interface RecordStore {
  get(content: string): Promise<ReconstructionRecord | undefined>
  /** Reads and writes as one step, across realms too. `change` may run again when storage fails. */
  update(
    content: string,
    change: (record: ReconstructionRecord | undefined) => ReconstructionRecord,
  ): Promise<void>
  remove(content: string): Promise<void>
  /** Of what there are records. */
  contents(): Promise<readonly string[]>
}
