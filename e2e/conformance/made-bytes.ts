import { createHash } from 'node:crypto'

/** SHA-256 in hex digits. */
export function digest(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

const made = new Map<string, Buffer>()
let madeLength = 0
/** Bytes that are kept for the next request. */
const most = 200_000_000

/**
 * Bytes that are the same for the same name: the first half is noise, the second half packs well.
 *
 * @param length in bytes
 */
export function madeBytes(name: string, length: number): Buffer {
  const key = `${name} ${length}`
  const known = made.get(key)
  if (known !== undefined) return known
  const bytes = Buffer.alloc(length)
  let state = Number.parseInt(digest(name).slice(0, 8), 16) || 1
  for (let at = 0; at + 4 <= length / 2; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes.writeUInt32LE(state >>> 0, at)
  }
  bytes.write(name, Math.floor(length / 2))
  if (madeLength + length > most) {
    made.clear()
    madeLength = 0
  }
  madeLength += length
  made.set(key, bytes)
  return bytes
}
