import { open } from 'node:fs/promises'
import type { ChunkRow } from '../../codec/ChunkRow.ts'
import { decodeChunkPayload } from '../../codec/decodeChunkPayload.ts'
import type { Hasher } from '../../codec/Hasher.ts'
import { hashToHex } from '../../codec/hashToHex.ts'
import { parseChunkHeader } from '../../codec/parseChunkHeader.ts'
import { xorbHash } from '../../codec/xorbHash.ts'
import { HubRefusal } from '../answer/HubRefusal.ts'
import type { StoredChunk } from './StoredChunk.ts'

const HEADER = 8
const LONGEST_RECORD = HEADER + 262_144
const MOST_CHUNKS = 8192
const FOOTER_TAG = new TextEncoder().encode('XETBLOB')

/**
 * Unpacks every record of an uploaded xorb and compares its hash. A footer behind the records is allowed and
 * ignored, as some writers add one.
 *
 * @param path of the upload
 * @param hash what the client calls it
 * @param hasher from `createHasher`
 * @returns what is in it
 * @throws HubRefusal 400 that says which record is wrong
 */
export async function checkXorb(
  path: string,
  hash: string,
  hasher: Hasher,
): Promise<StoredChunk[]> {
  const chunks: StoredChunk[] = []
  const rows: ChunkRow[] = []
  const file = await open(path, 'r')
  try {
    const buffer = new Uint8Array(LONGEST_RECORD)
    for (let offset = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, LONGEST_RECORD, offset)
      const ahead = buffer.subarray(0, bytesRead)
      if (bytesRead === 0 || isFooter(ahead)) break
      if (chunks.length === MOST_CHUNKS) {
        throw new HubRefusal(400, `A xorb may have at most ${MOST_CHUNKS} chunks.`)
      }
      const { stored, bytes } = unpack(ahead, chunks.length)
      const row = { hash: hasher.chunk(bytes), length: bytes.byteLength }
      rows.push(row)
      chunks.push({ hash: hashToHex(row.hash), offset, stored, length: row.length })
      offset += stored
    }
  } finally {
    await file.close()
  }
  const actual = xorbHash(rows, hasher)
  if (chunks.length === 0) throw new HubRefusal(400, 'The xorb holds no chunk.')
  if (actual !== hash) {
    throw new HubRefusal(
      400,
      `The xorb was announced as ${hash}, but its chunks hash to ${actual}.`,
    )
  }
  return chunks
}

function unpack(ahead: Uint8Array, index: number): { stored: number; bytes: Uint8Array } {
  try {
    const header = parseChunkHeader(ahead)
    const stored = HEADER + header.storedLength
    if (stored > ahead.byteLength) {
      throw new HubRefusal(400, `it needs ${stored} bytes, but only ${ahead.byteLength} are left.`)
    }
    return { stored, bytes: decodeChunkPayload(header, ahead.subarray(HEADER, stored)) }
  } catch (error) {
    // What follows the first sentence is advice for downloads.
    const [why] = (error as Error).message.split(/\.(?: |$)/, 1)
    throw new HubRefusal(400, `Record ${index} of the xorb is refused: ${why}.`)
  }
}

function isFooter(bytes: Uint8Array): boolean {
  return FOOTER_TAG.every((byte, index) => bytes[index] === byte)
}
