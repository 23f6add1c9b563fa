import { decodeChunkRecord } from '../../codec/decodeChunkRecord.ts'
import type { ByteRange } from '../../core/ByteRange.ts'
import type { StoredFile } from '../disk/StoredFile.ts'
import type { Xorbs } from '../disk/Xorbs.ts'

/**
 * The bytes of a stored file, chunk by chunk.
 *
 * @param xorbs where its chunks are
 * @param file its terms
 * @param range bytes of the file
 */
export async function* readFileBytes(
  xorbs: Xorbs,
  file: StoredFile,
  range: ByteRange,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let at = 0
  for (const term of file.terms) {
    if (at + term.length <= range.start) {
      at += term.length
      continue
    }
    for (const chunk of xorbs.get(term.xorb)!.chunks.slice(term.start, term.end)) {
      if (at >= range.end) return
      if (at + chunk.length > range.start) {
        const place = { start: chunk.offset, end: chunk.offset + chunk.stored }
        const bytes = decodeChunkRecord(await xorbs.readAll(term.xorb, place))
        yield bytes.subarray(Math.max(0, range.start - at), range.end - at)
      }
      at += chunk.length
    }
  }
}
