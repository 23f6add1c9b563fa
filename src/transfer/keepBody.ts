import type { FileInfo } from '../protocol/FileInfo.ts'
import { SliceDecoder } from './SliceDecoder.ts'
import type { TransferTools } from './TransferTools.ts'

/**
 * Makes a file of bytes that are all here. Where another realm is writing the same file, or was, it is left
 * to go on.
 *
 * @param body all of a file that is not on Xet, as its server sent it
 * @returns whether these bytes were kept
 * @throws FerryError `quota`, `storage`, `superseded`
 */
export async function keepBody(
  { store, hasher }: Pick<TransferTools, 'store' | 'hasher'>,
  { content, size }: FileInfo,
  body: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  const kept = await store.lock(content, { ifAvailable: true }, async (signal) => {
    if (await store.file(content)) return false
    const file = await store.begin(content, size, { signal })
    try {
      if (file.committed.length > 0) return false
      const decoder = new SliceDecoder(hasher)
      const slices = [...decoder.push(body), ...decoder.finish()]
      const rows = slices.map(({ hash, length }) => ({ hash, length }))
      if (rows.length > 0) {
        await file.write(0, body)
        await file.commit({ xorb: '', chunk: 0, offset: 0, rows })
      }
      await file.finish('length')
      return true
    } finally {
      await file.close()
    }
  })
  return kept ?? false
}
