import { copyMatch } from './copyMatch.ts'
import type { Lz4Block } from './Lz4Block.ts'
import { malformedChunk } from './malformedChunk.ts'

/** Below this many literals a loop is faster than a view and a call into the engine. */
const SHORT = 32

/**
 * Unpacks one LZ4 block into the middle of a buffer.
 *
 * @returns the offset in `output` after the last byte written
 * @throws FerryError `protocol` when a sequence leaves the block, a match reaches before `floor`, or the
 *   output would pass `limit`; nothing beyond `limit` is written
 * @see LZ4 block format description
 */
export function decodeLz4Block(block: Lz4Block): number {
  const { input, end, output, limit, floor } = block
  let { from, at } = block
  while (from < end) {
    const token = input[from++]!

    let literals = token >> 4
    if (literals === 15) {
      let more: number
      do {
        if (from === end) throw malformedChunk('an LZ4 block ends inside a literal length')
        more = input[from++]!
        literals += more
      } while (more === 255)
    }
    if (literals > end - from) throw malformedChunk('an LZ4 block ends inside literals')
    if (literals > limit - at) throw malformedChunk('LZ4 literals overrun the announced length')
    if (literals > SHORT) {
      output.set(input.subarray(from, from + literals), at)
      from += literals
      at += literals
    } else {
      for (const stop = at + literals; at < stop;) output[at++] = input[from++]!
    }
    if (from === end) return at

    if (end - from < 2) throw malformedChunk('an LZ4 block ends inside a match offset')
    const offset = input[from]! | (input[from + 1]! << 8)
    from += 2
    if (offset === 0 || offset > at - floor) {
      throw malformedChunk(
        `an LZ4 match has the offset ${offset}, ${at - floor} bytes are there to match`,
      )
    }
    let length = (token & 15) + 4
    if (length === 19) {
      let more: number
      do {
        if (from === end) throw malformedChunk('an LZ4 block ends inside a match length')
        more = input[from++]!
        length += more
      } while (more === 255)
    }
    if (length > limit - at) throw malformedChunk('an LZ4 match overruns the announced length')
    copyMatch(output, at, offset, length)
    at += length
  }
  throw malformedChunk('an LZ4 block does not end with literals')
}
