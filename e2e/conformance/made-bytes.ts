import { createHash } from 'node:crypto'

const digests = new WeakMap<Uint8Array, string>()

/** SHA-256 in hex digits, computed once for the same buffer. */
export function digest(bytes: Uint8Array): string {
  const known = digests.get(bytes) ?? createHash('sha256').update(bytes).digest('hex')
  digests.set(bytes, known)
  return known
}

const made = new Map<string, Buffer>()
let madeLength = 0
/** Upper bound of the cached bytes. */
const most = 200_000_000

/**
 * Bytes that are the same for the same name: the first half is noise, the second half compresses well.
 *
 * @param length in bytes
 */
export function madeBytes(name: string, length: number): Buffer {
  const key = `${name} ${length}`
  const known = made.get(key)
  if (known !== undefined) return known
  const bytes = Buffer.alloc(length)
  let state = createHash('sha256').update(name).digest().readUInt32LE() || 1
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
