import type { Sha256 } from './Sha256.ts'
import { sha256Start } from './sha256Start.ts'

/**
 * Gathers what arrives in parts into whole blocks, and ends them as SHA-256 wants.
 *
 * @param state takes the eight words of the hash
 * @param room where blocks are gathered; its length is a multiple of 64
 * @param compress takes the first so many blocks of `room` into `state`
 * @see FIPS 180-4, section 5.1.1
 */
export function streamSha256(
  state: Uint32Array,
  room: Uint8Array,
  compress: (blocks: number) => void,
): Sha256 {
  state.set(sha256Start)
  let filled = 0
  let total = 0
  const update = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + room.length - filled)
      room.set(part, filled)
      at += part.length
      filled += part.length
      if (filled === room.length) {
        compress(filled / 64)
        filled = 0
      }
    }
    total += bytes.length
  }
  return {
    update,
    hex() {
      const end = new Uint8Array(72 - ((total + 8) % 64))
      end[0] = 0x80
      new DataView(end.buffer).setBigUint64(end.length - 8, BigInt(total) * 8n)
      update(end)
      compress(filled / 64)
      return Array.from(state, (word) => word.toString(16).padStart(8, '0')).join('')
    },
  }
}
