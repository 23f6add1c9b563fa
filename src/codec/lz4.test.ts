import * as fc from 'fast-check'
import { lz4js } from '../../scripts/vectors/lz4js.ts'
import { decodeLz4Block, decodeLz4Frame, xxh32 } from './lz4.ts'
import { describe, expect, it } from 'vitest'

describe('decodeLz4Frame', () => {
  /** Literals, then a match. The offset is taken modulo the number of bytes that can match. */
  interface Sequence {
    literals: Uint8Array
    offset: number
    length: number
  }

  interface FrameOptions {
    linked: boolean
    blockChecksums: boolean
    contentChecksum: boolean
    contentSize: boolean
  }

  const u32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255)

  /** The extension bytes of a length that does not fit into four bits. */
  const rest = (value: number): number[] =>
    value < 15
      ? []
      : [...Array.from({ length: Math.floor((value - 15) / 255) }, () => 255), (value - 15) % 255]

  /** Writes blocks byte by byte, and returns the expected output with them. */
  function frameOf(
    blocks: Sequence[][],
    options: FrameOptions,
  ): { frame: number[]; output: number[] } {
    const output: number[] = []
    const body: number[] = []
    for (const sequences of blocks) {
      const floor = options.linked ? Math.max(0, output.length - 65_535) : output.length
      const block: number[] = []
      for (const { literals, offset, length } of sequences) {
        output.push(...literals)
        if (output.length === floor) continue
        const back = 1 + (offset % (output.length - floor))
        const token = Math.min(15, literals.length) * 16 + Math.min(15, length - 4)
        block.push(token, ...rest(literals.length), ...literals)
        block.push(back & 255, back >> 8, ...rest(length - 4))
        for (let index = 0; index < length; index++) output.push(output[output.length - back]!)
      }
      output.push(9)
      block.push(0x10, 9)
      const sum = options.blockChecksums ? u32(xxh32(Uint8Array.from(block))) : []
      body.push(...u32(block.length), ...block, ...sum)
    }
    const flags = [0x40, options.linked ? 0 : 0x20, options.blockChecksums ? 0x10 : 0]
    flags.push(options.contentSize ? 8 : 0, options.contentChecksum ? 4 : 0)
    const size = options.contentSize ? [...u32(output.length), 0, 0, 0, 0] : []
    const descriptor = [flags.reduce((sum, flag) => sum | flag), 0x70, ...size]
    const check = (xxh32(Uint8Array.from(descriptor)) >>> 8) & 255
    const sum = options.contentChecksum ? u32(xxh32(Uint8Array.from(output))) : []
    return {
      frame: [4, 0x22, 0x4d, 0x18, ...descriptor, check, ...body, 0, 0, 0, 0, ...sum],
      output,
    }
  }

  const sequence = fc.record({
    literals: fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 260, maxLength: 300 }),
    ),
    offset: fc.oneof(fc.nat(40), fc.nat(70_000)),
    length: fc.oneof(fc.integer({ min: 4, max: 80 }), fc.integer({ min: 260, max: 3000 })),
  })
  const options = fc.record({
    linked: fc.boolean(),
    blockChecksums: fc.boolean(),
    contentChecksum: fc.boolean(),
    contentSize: fc.boolean(),
  })

  function decode(frame: ArrayLike<number>, length: number): Uint8Array {
    const output = new Uint8Array(length)
    decodeLz4Frame(Uint8Array.from(frame), output)
    return output
  }

  it('decodes every combination of sequences, blocks and flags', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(sequence, { minLength: 1, maxLength: 6 }), { maxLength: 4 }),
        options,
        (blocks, flags) => {
          const { frame, output } = frameOf(blocks, flags)
          expect(Buffer.compare(decode(frame, output.length), Uint8Array.from(output))).toBe(0)
        },
      ),
    )
  })

  it('copies matches of every short offset and length', () => {
    const flags = {
      linked: true,
      blockChecksums: false,
      contentChecksum: false,
      contentSize: false,
    }
    for (let offset = 0; offset < 40; offset++) {
      for (let length = 4; length < 100; length += length < 40 ? 1 : 7) {
        const literals = Uint8Array.from({ length: 40 }, (_, index) => index + 1)
        const { frame, output } = frameOf([[{ literals, offset, length }]], flags)
        expect(Buffer.compare(decode(frame, output.length), Uint8Array.from(output))).toBe(0)
      }
    }
  })

  it('decodes the frames of lz4js to the same bytes', () => {
    const words = fc.array(fc.constantFrom('weight', 'bias', '.layer.', '\0\0\0\0', '12', 'x'), {
      minLength: 1,
      maxLength: 400,
    })
    const inputs = fc.oneof(
      words.map((list) => new TextEncoder().encode(list.join(''))),
      fc.uint8Array({ minLength: 1, maxLength: 500 }),
    )
    fc.assert(
      fc.property(inputs, (bytes) => {
        const frame = lz4js.compress(bytes)
        expect(Buffer.compare(decode(frame, bytes.length), bytes)).toBe(0)
        expect(Buffer.compare(decode(frame, bytes.length), lz4js.decompress(frame))).toBe(0)
      }),
    )
  })

  it.each([
    ['in a block', 20, 'integrity'],
    ['in a block checksum', 29, 'integrity'],
    ['in the content checksum', -1, 'integrity'],
    ['in the header checksum', 14, 'protocol'],
    ['in the content size', 6, 'protocol'],
    ['in the end mark', -5, 'protocol'],
  ])('reports a bit flipped %s', (_, at, code) => {
    const all = { linked: false, blockChecksums: true, contentChecksum: true, contentSize: true }
    const literals = Uint8Array.of(1, 2, 3)
    const { frame, output } = frameOf([[{ literals, offset: 0, length: 5 }]], all)
    expect([...decode(frame, output.length)]).toEqual(output)
    const damaged = frame.with(at, frame.at(at)! ^ 1)
    expect(() => decode(damaged, output.length)).toThrow(expect.objectContaining({ code }))
  })

  it('refuses a match from an independent block into the previous one', () => {
    const block = [0x40, 1, 2, 3, 4, 4, 0, 0x10, 9]
    const cross = [0x00, 4, 0, 0x10, 9]
    const blocks = [...u32(block.length), ...block, ...u32(cross.length), ...cross, 0, 0, 0, 0]
    const frame = (flags: number): number[] => {
      const check = (xxh32(Uint8Array.of(flags, 0x40)) >>> 8) & 255
      return [4, 0x22, 0x4d, 0x18, flags, 0x40, check, ...blocks]
    }
    expect([...decode(frame(0x40), 14)]).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 9, 2, 3, 4, 9, 9])
    expect(() => decode(frame(0x60), 14)).toThrow(/offset 4, 0 bytes/)
  })

  it('refuses a block that ends with a match', () => {
    const block = [0x40, 1, 2, 3, 4, 4, 0]
    const head = [4, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]
    expect(() => decode([...head, ...u32(block.length), ...block, 0, 0, 0, 0], 8)).toThrow(
      /literals/,
    )
  })
})

describe('xxh32', () => {
  it.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('%j', (text, sum) => {
    expect(xxh32(new TextEncoder().encode(text))).toBe(sum)
  })

  it('depends on every byte, at every lane boundary', () => {
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

describe('decodeLz4Block', () => {
  it('writes nothing behind its part of the output, also when a match is longer than that', () => {
    // Four literals; a match of 20 bytes with offset 4; the last literal.
    const input = Uint8Array.from([0x4f, 1, 2, 3, 4, 4, 0, 1, 0x10, 9])
    const output = new Uint8Array(64).fill(0xee)
    const block = { input, from: 0, end: input.length, output, at: 0, limit: 16, floor: 0 }
    expect(() => decodeLz4Block(block)).toThrow('match overruns')
    expect(output.subarray(16)).toEqual(new Uint8Array(48).fill(0xee))
    expect(decodeLz4Block({ ...block, limit: 25 })).toBe(25)
  })
})
