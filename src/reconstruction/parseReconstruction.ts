import * as v from 'valibot'
import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import { checkDescriptors } from './checkDescriptors.ts'
import type { Descriptor } from './Descriptor.ts'
import { protocolError } from './protocolError.ts'
import { reconstructionSchema } from './reconstructionSchema.ts'
import type { WireReconstruction } from './reconstructionSchema.ts'
import type { Run } from './Run.ts'

export interface Reconstruction {
  /** In file order, without gaps, covering the range asked for. */
  readonly runs: readonly Run[]
  /** Every run lies within one of them; none is without a run. */
  readonly descriptors: readonly Descriptor[]
}

export interface Expectation {
  /** The file range that was asked for, within the file. */
  readonly range: ByteRange
  /** Bytes of the whole file. */
  readonly size: number
  /** The address asked, for errors. */
  readonly url?: string
}

/** Longest chunk there is, uncompressed (Xet protocol, section on chunk records). */
const maxChunk = 131_072

/**
 * Makes one shape of the answers to version 1 and version 2 reconstruction calls, and believes nothing:
 * what comes out is consistent in itself, covers what was asked for and lies within the file.
 *
 * @param json the parsed body
 * @throws FerryError `protocol`, naming the field
 */
export function parseReconstruction(
  json: unknown,
  { range, size, url }: Expectation,
): Reconstruction {
  const parsed = v.safeParse(reconstructionSchema, json, { abortEarly: true })
  if (!parsed.success) throw protocolError('The reconstruction', parsed.issues[0], url)
  const fault = (field: string, why: string): FerryError =>
    new FerryError(
      'protocol',
      `The reconstruction does not follow the protocol: ${field} ${why}. Nothing was stored; report it to whoever runs the server.`,
      url === undefined ? {} : { url },
    )
  const runs = runsOf(parsed.output, range, size, fault)
  const used = new Set(runs.map((run) => run.xorb))
  const descriptors = descriptorsOf(parsed.output).filter(({ xorb }) => used.has(xorb))
  const holders = checkDescriptors(descriptors, runs, fault)
  return { runs, descriptors: descriptors.filter((descriptor) => holders.has(descriptor)) }
}

function runsOf(
  wire: WireReconstruction,
  range: ByteRange,
  size: number,
  fault: (field: string, why: string) => FerryError,
): Run[] {
  const skip = wire.offset_into_first_range
  if (skip > range.start) {
    throw fault(
      'offset_into_first_range',
      `is ${skip}, before the file's start (asked from ${range.start})`,
    )
  }
  let offset = range.start - skip
  const runs = wire.terms.map(({ hash, unpacked_length: length, range: chunks }, index): Run => {
    const count = chunks.end - chunks.start
    if (length < count || length > count * maxChunk) {
      throw fault(`terms.${index}.unpacked_length`, `is ${length}, impossible for ${count} chunks`)
    }
    const run = { xorb: hash, chunks, offset, length }
    offset += length
    return run
  })
  if (skip >= (runs[0]?.length ?? Infinity)) {
    throw fault('offset_into_first_range', `is ${skip}, past the first term`)
  }
  if (offset > size) throw fault('terms', `reach to ${offset}, past the file's end at ${size}`)
  if (offset < Math.min(range.end, size)) {
    throw fault('terms', `end at ${offset}, before the end of what was asked for (${range.end})`)
  }
  return runs
}

function descriptorsOf({ xorbs }: WireReconstruction): Descriptor[] {
  return Object.entries(xorbs).flatMap(([xorb, entries]) =>
    entries.flatMap(({ url, ranges }) =>
      ranges.map(({ chunks, bytes }) => ({
        xorb,
        chunks,
        bytes: { start: bytes.start, end: bytes.end + 1 },
        url,
      })),
    ),
  )
}
