import type { ReconstructionRecord } from './ReconstructionRecord.ts'
import type { RecordStore } from './RecordStore.ts'

/** Records for as long as this realm lives. */
export function memoryRecordStore(): RecordStore {
  const records = new Map<string, ReconstructionRecord>()
  return {
    get: async (content) => records.get(content),
    update: async (content, change) => {
      records.set(content, change(records.get(content)))
    },
    remove: async (content) => {
      records.delete(content)
    },
    contents: async () => [...records.keys()],
  }
}
