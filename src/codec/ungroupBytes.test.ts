import { describe, expect, it } from 'vitest'
import { ungroupBytes } from './chunk-record.ts'

describe('ungroupBytes', () => {
  it.each([
    [[], []],
    [[7], [7]],
    [
      [0, 4, 1, 2, 3],
      [0, 1, 2, 3, 4],
    ],
    [
      [0, 4, 1, 5, 2, 3],
      [0, 1, 2, 3, 4, 5],
    ],
    [
      [0, 4, 1, 5, 2, 6, 3],
      [0, 1, 2, 3, 4, 5, 6],
    ],
    [
      [0, 4, 1, 5, 2, 6, 3, 7],
      [0, 1, 2, 3, 4, 5, 6, 7],
    ],
  ])('%j becomes %j', (grouped, expected) => {
    const output = new Uint8Array(grouped.length)
    ungroupBytes(Uint8Array.from(grouped), output)
    expect([...output]).toEqual(expected)
  })

  it('undoes grouping at every length and alignment, and writes nowhere else', () => {
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => index + 1)
      const grouped = [0, 1, 2, 3].flatMap((group) =>
        Array.from(bytes.filter((_, at) => at % 4 === group)),
      )
      const memory = new Uint8Array(length + 8)
      const from = 1 + (length % 4)
      ungroupBytes(Uint8Array.from(grouped), memory.subarray(from, from + length))
      expect(memory.subarray(from, from + length)).toEqual(bytes)
      expect(memory.filter((byte) => byte !== 0)).toHaveLength(length)
    }
  })
})
