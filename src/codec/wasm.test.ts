import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codecLayout } from './wasm.ts'
import { decodeLz4Block } from './lz4.ts'
import { openCodec } from './wasm.ts'
import { ungroupBytes } from './chunk-record.ts'

const codec = await openCodec()
const memory = new Uint8Array(codec.memory.buffer)
const { input, grouped, output } = codecLayout
/** Bytes that vector instructions may touch after the end of a block's buffer. */
const OVER = 15
const MARK = 0xa5

const anything = fc.uint8Array({ maxLength: 80 })
/** Tokens, literals, offsets and lengths that are often valid, so that decoding continues for a while. */
const likely = fc
  .array(
    fc
      .tuple(fc.nat(255), fc.uint8Array({ maxLength: 20 }), fc.nat(24), fc.nat(255))
      .map(([token, literals, offset, more]) => [
        ((Math.min(15, literals.length) << 4) | (token & 15)) & 255,
        ...(literals.length < 15 ? [] : [literals.length - 15]),
        ...literals,
        offset,
        0,
        ...((token & 15) === 15 ? [more] : []),
      ]),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flat()))

describe('lz4', () => {
  it('gives the result of the plain decoder and stays within its buffers, for any input', () => {
    const cases = fc.record({
      block: fc.oneof(anything, likely),
      before: fc.uint8Array({ maxLength: 40 }),
      room: fc.nat(400),
      linked: fc.boolean(),
    })
    fc.assert(
      fc.property(cases, ({ block, before, room, linked }) => {
        const at = before.length
        const limit = at + room
        const floor = linked ? 0 : at
        memory.fill(MARK, output - 64, output + limit + 64)
        memory.set(before, output)
        // Bytes after the block must not affect the result.
        memory.fill(0xff, input, input + block.length + 64)
        memory.set(block, input)
        const end = input + block.length
        const seen = codec.lz4(input, end, output + at, output + limit, output + floor)

        const expected = new Uint8Array(limit)
        expected.set(before)
        const plain = { input: block, from: 0, end: block.length, output: expected, at, limit }
        let last: number | undefined
        try {
          last = decodeLz4Block({ ...plain, floor })
        } catch {
          last = undefined
        }
        expect(seen === 0 ? undefined : seen - output).toBe(last)
        const length = last ?? at
        const written = memory.subarray(output, output + length)
        expect(Buffer.compare(written, expected.subarray(0, length))).toBe(0)
        expect(memory.subarray(output - 64, output).every((byte) => byte === MARK)).toBe(true)
        const behind = memory.subarray(output + limit + OVER, output + limit + 64)
        expect(behind.every((byte) => byte === MARK)).toBe(true)
      }),
      { numRuns: 5000 },
    )
  })

  it('refuses endless length extensions', () => {
    for (const token of [0xf0, 0x1f]) {
      memory.fill(255, input, input + 262_144)
      memory.set([token, 7, 1, 0], input)
      if (token === 0xf0) memory.fill(255, input + 1, input + 4)
      expect(codec.lz4(input, input + 262_144, output, output + 131_072, output)).toBe(0)
    }
  })
})

describe('ungroup', () => {
  it('equals the plain version at every length', () => {
    for (let length = 0; length < 300; length++) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + 1) & 255)
      const expected = new Uint8Array(length)
      ungroupBytes(bytes, expected)
      memory.fill(MARK, output - 64, output + length + 128)
      memory.set(bytes, grouped)
      codec.ungroup(grouped, output, length)
      expect(memory.subarray(output, output + length)).toEqual(expected)
      expect(memory.subarray(output - 64, output).every((byte) => byte === MARK)).toBe(true)
      const behind = memory.subarray(output + length + 64, output + length + 128)
      expect(behind.every((byte) => byte === MARK)).toBe(true)
    }
  })
})
