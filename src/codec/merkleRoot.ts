import type { ChunkRow } from './ChunkRow.ts'
import type { Hasher } from './Hasher.ts'
import { writeNodeText } from './writeNodeText.ts'

const MOST_CHILDREN = 9
const LONGEST_LINE = 64 + 3 + 16 + 1

/**
 * How many items from `at` make one node. A group of three and more ends behind the first item (the third
 * at the earliest) whose hash, read as u64 from its last 8 bytes, is divisible by 4; so boundaries follow
 * the content, and an insertion changes few nodes.
 */
function groupSize(hashes: Uint8Array, at: number, count: number): number {
  const most = Math.min(MOST_CHILDREN, count - at)
  for (let size = 3; size < most; size++) {
    if ((hashes[(at + size - 1) * 32 + 24]! & 3) === 0) return size
  }
  return most
}

/**
 * Root of the hash tree over a list of chunks. For the chunks of a whole xorb it is the xorb's hash; for
 * those of a file, `fileHash` makes the file's hash from it.
 *
 * @param rows chunks in order, exactly as delivered: boundaries found by chunking the bytes anew may differ.
 *   Lengths in bytes; their sum stays below 2^53
 * @param hasher from `createHasher`
 * @returns 32 raw bytes; all zero for an empty list; the chunk's own hash for a single one
 * @see Xet protocol, section on hashing, "Tree rule"
 */
export function merkleRoot(rows: readonly ChunkRow[], hasher: Hasher): Uint8Array<ArrayBuffer> {
  let count = rows.length
  const hashes = new Uint8Array(Math.max(count, 1) * 32)
  const lengths = new Float64Array(count)
  rows.forEach((row, index) => {
    hashes.set(row.hash, index * 32)
    lengths[index] = row.length
  })
  const text = new Uint8Array(MOST_CHILDREN * LONGEST_LINE)
  // Each level overwrites the front of the one below: a node is never written past the children it was made of.
  while (count > 1) {
    let nodes = 0
    for (let at = 0; at < count; nodes++) {
      const end = at + groupSize(hashes, at, count)
      let length = 0
      let written = 0
      for (; at < end; at++) {
        written = writeNodeText(text, written, hashes, at * 32, lengths[at]!)
        length += lengths[at]!
      }
      hashes.set(hasher.node(text.subarray(0, written)), nodes * 32)
      lengths[nodes] = length
    }
    count = nodes
  }
  return hashes.slice(0, 32)
}
