import type { RecordStore } from '../reconstruction/RecordStore.ts'
import type { Store } from '../store/Store.ts'

/**
 * Drops what is remembered of reconstructions that nobody goes on with: of files that are complete, were given up
 * or removed. It holds addresses, signed ones too, and is as long as a file has parts.
 *
 * @param before epoch milliseconds; what came later may be of a load that is about to begin
 */
export async function tidyRecords(
  records: RecordStore,
  store: Pick<Store, 'entry'>,
  before: number,
): Promise<void> {
  for (const content of await records.contents()) {
    if ((await store.entry(content))?.state === 'partial') continue
    const { blocks = [] } = (await records.get(content)) ?? {}
    if (blocks.every(({ fetchedAt }) => fetchedAt < before)) await records.remove(content)
  }
}
