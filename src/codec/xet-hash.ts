import { bytesOfHex, FerryError } from '../core/index.ts'
import type { ChunkRow, Hasher } from './chunk-record.ts'

const byteToHex: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/**
 * The printed form of a Xet hash: four groups of 8 bytes, each as a little-endian u64 in 16 lower-case
 * digits, so the bytes of every group come out in reverse. Never use it for a SHA-256.
 *
 * @param hash 32 raw bytes
 * @example hashToHex(Uint8Array.from({ length: 32 }, (_, i) => i)) // '0706050403020100' + '0f0e0d…'
 * @see Xet protocol, section on hashing, "Hex form"
 */
export function hashToHex(hash: Uint8Array): string {
  let hex = ''
  for (let group = 0; group < 32; group += 8) {
    for (let at = group + 7; at >= group; at--) hex += byteToHex[hash[at]!]
  }
  return hex
}

/**
 * The 32 raw bytes of a Xet hash, from its printed form (see `hashToHex`).
 *
 * @param hex 64 lower-case hex digits; the protocol knows no other spelling, and hashes are compared as text
 * @param field name of the value in the error, for instance `X-Xet-Hash`
 * @throws FerryError `protocol` when the text is anything else
 * @example hexToHash(response.headers.get('x-xet-hash') ?? '', 'X-Xet-Hash')
 * @see Xet protocol, section on hashing, "Hex form"
 */
export function hexToHash(hex: string, field = 'hash'): Uint8Array<ArrayBuffer> {
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    const shown = JSON.stringify(hex.length > 80 ? `${hex.slice(0, 80)}…` : hex)
    throw new FerryError(
      'protocol',
      `The ${field} must be 64 lower-case hex digits, but it is ${shown}. The server does not speak the Xet protocol.`,
    )
  }
  const hash = new Uint8Array(32)
  for (let at = 0; at < 32; at++) {
    // Within its group of 8, byte 0 is printed last.
    const digit = 2 * ((at & 24) + 7 - (at & 7))
    hash[at] = Number.parseInt(hex.slice(digit, digit + 2), 16)
  }
  return hash
}

/**
 * The BLAKE3 keys of the four kinds of Xet hashes. The file key is the default salt: the format allows other salts,
 * but no public repository uses one.
 *
 * @see Xet protocol, section on hashing, "Primitives"
 */
export const hashKeys: Readonly<
  Record<'chunk' | 'node' | 'file' | 'range', Uint8Array<ArrayBuffer>>
> = {
  chunk: bytesOfHex('6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229'),
  node: bytesOfHex('017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f'),
  file: new Uint8Array(32),
  range: bytesOfHex('7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3'),
}

const hexDigits = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))

/**
 * Writes one line of a node's text: printed hash, ` : `, decimal length, newline, all ASCII. It writes bytes into a
 * reused buffer, because a file of 6 GB has a hundred thousand of these lines.
 *
 * @param text where to write; 84 bytes must be free from `at`
 * @param at offset of the line in `text`
 * @param hashes raw hashes, concatenated
 * @param from offset of the child's hash in `hashes`
 * @param length the child's length in bytes, a safe integer
 * @returns the offset after the line
 * @see Xet protocol, section on hashing, "node hash"
 */
function writeNodeText(
  text: Uint8Array,
  at: number,
  hashes: Uint8Array,
  from: number,
  length: number,
): number {
  for (let index = 0; index < 32; index++) {
    const byte = hashes[from + (index ^ 7)]!
    text[at++] = hexDigits[byte >> 4]!
    text[at++] = hexDigits[byte & 15]!
  }
  text[at++] = 0x20
  text[at++] = 0x3a
  text[at++] = 0x20
  const decimal = String(length)
  for (let index = 0; index < decimal.length; index++) text[at++] = decimal.charCodeAt(index)
  text[at++] = 0x0a
  return at
}

const MOST_CHILDREN = 9
const LONGEST_LINE = 64 + 3 + 16 + 1

/**
 * Number of items from `at` that form one node. A group of three or more ends after the first item (the third at the
 * earliest) whose hash, read as u64 from its last 8 bytes, is divisible by 4. So boundaries depend on content, and an
 * insertion changes few nodes.
 */
function groupSize(hashes: Uint8Array, at: number, count: number): number {
  const most = Math.min(MOST_CHILDREN, count - at)
  for (let size = 3; size < most; size++) {
    if ((hashes[(at + size - 1) * 32 + 24]! & 3) === 0) return size
  }
  return most
}

/**
 * Root of the hash tree over a list of chunks. For the chunks of a whole xorb it is the xorb's hash. For
 * the chunks of a file, `fileHash` derives the file's hash from it.
 *
 * @param rows chunks in order, exactly as delivered: chunking the bytes again may give other boundaries.
 *   Lengths in bytes; their sum must be below 2^53
 * @param hasher from `createHasher`
 * @returns 32 raw bytes; all zero for an empty list; the chunk's own hash for a single one
 * @see Xet protocol, section on hashing, "Tree rule"
 */
function merkleRoot(rows: readonly ChunkRow[], hasher: Hasher): Uint8Array<ArrayBuffer> {
  const steps = merkleSteps(rows, hasher)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return value
  }
}

/** Like {@link merkleRoot}, in steps of a few milliseconds, so that other work can run in between. */
export function* merkleSteps(
  rows: readonly ChunkRow[],
  hasher: Hasher,
): Generator<void, Uint8Array<ArrayBuffer>> {
  let count = rows.length
  const hashes = new Uint8Array(Math.max(count, 1) * 32)
  const lengths = new Float64Array(count)
  rows.forEach((row, index) => {
    hashes.set(row.hash, index * 32)
    lengths[index] = row.length
  })
  const text = new Uint8Array(MOST_CHILDREN * LONGEST_LINE)
  // Each level overwrites the start of the one below: a node is never written past its own children.
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
      if ((nodes & 511) === 511) yield
    }
    count = nodes
  }
  return hashes.slice(0, 32)
}

/**
 * The Xet hash of a file, in printed form, to be compared with `X-Xet-Hash`.
 *
 * @param rows all chunks of the file in order, as delivered
 * @param hasher from `createHasher`
 * @returns 64 hex digits; all zero for a file without chunks
 * @example if (fileHash(rows, hasher) !== info.xetHash) throw new FerryError('integrity', …)
 * @see Xet protocol, section on hashing, "file hash"
 */
export function fileHash(rows: readonly ChunkRow[], hasher: Hasher): string {
  const root = merkleRoot(rows, hasher)
  return hashToHex(rows.length === 0 ? root : hasher.file(root))
}

/**
 * The verification hash of a run of chunks, in printed form, as a shard has it for every term.
 *
 * @param hashes raw chunk hashes in order, 32 bytes each
 * @param hasher from `createHasher`
 * @returns 64 hex digits
 * @see Xet protocol, section on hashing, "range (verification) hash"
 */
export function rangeHash(hashes: readonly Uint8Array[], hasher: Hasher): string {
  const joined = new Uint8Array(hashes.length * 32)
  hashes.forEach((hash, index) => joined.set(hash, index * 32))
  return hashToHex(hasher.range(joined))
}

/**
 * The hash of a xorb, in printed form. It proves the xorb only when all its chunks from the first to the last
 * are in the list.
 *
 * @param rows all chunks of the xorb in order
 * @param hasher from `createHasher`
 * @returns 64 hex digits; all zero for a xorb without chunks
 * @see Xet protocol, section on hashing, "xorb hash"
 */
export function xorbHash(rows: readonly ChunkRow[], hasher: Hasher): string {
  return hashToHex(merkleRoot(rows, hasher))
}
