import { describe, expect, it } from 'vitest'
import { xxh32 } from './lz4.ts'

describe('xxh32', () => {
  it.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('%j', (text, sum) => {
    expect(xxh32(new TextEncoder().encode(text))).toBe(sum)
  })

  it('sees every byte, at every border of its lanes', () => {
    for (let length = 1; length < 70; length++) {
      const bytes = new Uint8Array(length)
      const sums = new Set([xxh32(bytes)])
      for (let at = 0; at < length; at++) {
        bytes[at] = 255
        sums.add(xxh32(bytes))
        bytes[at] = 0
      }
      expect(sums.size, `${length} bytes`).toBe(length + 1)
    }
  })
})
