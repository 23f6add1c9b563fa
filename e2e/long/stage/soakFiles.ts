import { makeBytes } from '../../stage/makeBytes.ts'
import type { Texture } from '../../stage/Texture.ts'

const MB = 1_000_000
/** Maximum length of a chunk; random bytes may be cut here. */
const longestChunk = 128 * 1024
const textures: readonly Texture[] = ['noise', 'text', 'floats']

/**
 * Thirty files of all kinds by path: empty, of one byte, of one chunk, small ones that a hub stores in git, and many
 * of random size. A hub serves paths that end in `.plain` without Xet.
 *
 * @param random returns numbers from 0 to 1
 */
export function soakFiles(random: () => number): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([
    ['empty.bin', new Uint8Array()],
    ['empty.json', new Uint8Array()],
    ['byte.bin', new Uint8Array([7])],
    ['byte.bin.plain', new Uint8Array([8])],
    ['chunk.bin', new Uint8Array(longestChunk)],
    ['chunk-and-byte.bin', new Uint8Array(longestChunk + 1).fill(3)],
    ['config.json', new TextEncoder().encode('{"soak":true}\n')],
    ['vocabulary.txt', new TextEncoder().encode('one two three '.repeat(5000))],
  ])
  for (let index = files.size; index < 30; index++) {
    // Small files are more frequent, as in models.
    const length = Math.max(4, Math.round(20 * MB * random() ** 2.5))
    const bytes = makeBytes(length + 4 - (length % 4), index + 1, textures).subarray(0, length)
    files.set(`weights-${index}.bin${index % 6 === 0 ? '.plain' : ''}`, bytes)
  }
  return files
}
