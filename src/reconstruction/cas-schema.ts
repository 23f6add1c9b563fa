import * as v from 'valibot'
import { longestChunk } from '../codec/index.ts'
import { type ByteRange, FerryError } from '../core/index.ts'
import { type Descriptor, hash, type Run, wholeFrom } from './record-store.ts'

/** A chunk record is a header of 8 bytes and 1 byte to 256 KiB of payload. */
const minRecord = 9
const maxRecord = 8 + 262_144

/** @param errorCode tells the failure from others with the same code */
type Fault = (field: string, why: string, errorCode?: string) => FerryError

/**
 * Checks that descriptors are plausible: the number of bytes is possible for their chunks, chunks and bytes of a xorb
 * have the same order, and every run lies within one descriptor.
 *
 * @param fault creates the error to throw
 * @returns the descriptors that contain runs
 */
function checkDescriptors(
  descriptors: readonly Descriptor[],
  runs: readonly Run[],
  fault: Fault,
): Set<Descriptor> {
  const xorbs = new Map<string, Descriptor[]>()
  for (const descriptor of descriptors) {
    checkLength(descriptor, fault)
    const ranges = xorbs.get(descriptor.xorb)
    if (ranges === undefined) xorbs.set(descriptor.xorb, [descriptor])
    else ranges.push(descriptor)
  }
  const furthest = new Map([...xorbs].map(([xorb, ranges]) => [xorb, inOrder(xorb, ranges, fault)]))
  return new Set(
    runs.map(({ xorb, chunks }, index) => {
      const holder = lastStartingBy(furthest.get(xorb) ?? [], chunks.start)
      if (holder === undefined || holder.descriptor.chunks.end < chunks.end) {
        throw fault(`terms.${index}.range`, 'is in no range of its xorb')
      }
      return holder.descriptor
    }),
  )
}

function checkLength({ xorb, chunks, bytes }: Descriptor, fault: Fault): void {
  const count = chunks.end - chunks.start
  const length = bytes.end - bytes.start
  if (
    !Number.isSafeInteger(bytes.end) ||
    length < count * minRecord ||
    length > count * maxRecord
  ) {
    throw fault(`xorbs.${xorb}`, `gives ${length} bytes to ${count} chunks`)
  }
}

interface Reach {
  readonly start: number
  /** The descriptor with the furthest end among all that start no later than this one. */
  readonly descriptor: Descriptor
}

function inOrder(xorb: string, ranges: Descriptor[], fault: Fault): Reach[] {
  ranges.sort((a, b) => a.chunks.start - b.chunks.start || a.chunks.end - b.chunks.end)
  let previous: Descriptor | undefined
  let reach: Descriptor | undefined
  return ranges.map((next) => {
    if (previous !== undefined && !agree(previous, next)) {
      throw fault(`xorbs.${xorb}`, 'has ranges that overlap in chunks or bytes but not in both')
    }
    previous = next
    reach = reach !== undefined && reach.chunks.end >= next.chunks.end ? reach : next
    return { start: next.chunks.start, descriptor: reach }
  })
}

/** Chunks of a xorb are contiguous, so chunk and byte ranges have the same order. */
function agree(previous: Descriptor, next: Descriptor): boolean {
  return previous.chunks.end <= next.chunks.start
    ? previous.bytes.end <= next.bytes.start
    : previous.bytes.start <= next.bytes.start && next.bytes.start < previous.bytes.end
}

/** Binary search: a response may have a hundred thousand ranges. */
function lastStartingBy(reaches: readonly Reach[], start: number): Reach | undefined {
  let low = 0
  let high = reaches.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((reaches[middle]?.start ?? 0) <= start) low = middle + 1
    else high = middle
  }
  return reaches[low - 1]
}

/**
 * Creates the error for a field that violates the protocol. Values are never quoted: a misplaced field may be a token
 * or a signed URL.
 *
 * @param what name of the response: "The reconstruction"
 * @param issue the first issue of valibot
 * @param url the requested URL
 */
export function protocolError(
  what: string,
  issue: v.BaseIssue<unknown>,
  url: string | undefined,
): FerryError {
  const field = issue.path?.map(({ key }) => String(key)).join('.') ?? 'the answer itself'
  const seen = typeof issue.input === 'number' ? `${issue.input}` : typeof issue.input
  const wanted = issue.type === 'check' ? issue.message : `expected ${issue.expected ?? issue.type}`
  return violation(what, `${field} is ${seen}, ${wanted}`, url)
}

function violation(
  what: string,
  why: string,
  url: string | undefined,
  errorCode?: string,
): FerryError {
  return new FerryError(
    'protocol',
    `${what} does not follow the protocol: ${why}. Nothing was stored; report it to the server's operator.`,
    { ...(url !== undefined && { url }), ...(errorCode !== undefined && { errorCode }) },
  )
}

const whole = wholeFrom(0)
const u32 = wholeFrom(0, 0xffff_ffff)
const chunks = v.pipe(
  v.object({ start: u32, end: u32 }),
  v.check(({ start, end }) => start < end, 'expected start before end'),
)
/** Inclusive at both ends, as on the wire. */
const bytes = v.pipe(
  v.object({ start: whole, end: whole }),
  v.check(({ start, end }) => start <= end, 'expected start not after end'),
)
const url = v.pipe(
  v.string(),
  v.check((text) => {
    const address = URL.canParse(text) ? new URL(text) : undefined
    // fetch refuses a URL with credentials.
    return (
      /^https?:$/.test(address?.protocol ?? '') && `${address?.username}${address?.password}` === ''
    )
  }, 'expected an absolute http or https URL'),
)

/** The response to a reconstruction request of either version, in the form of version 2. */
interface WireReconstruction {
  readonly offset_into_first_range: number
  readonly terms: readonly {
    readonly hash: string
    readonly unpacked_length: number
    readonly range: ByteRange
  }[]
  readonly xorbs: Readonly<
    Record<
      string,
      readonly {
        readonly url: string
        readonly ranges: readonly { readonly chunks: ByteRange; readonly bytes: ByteRange }[]
      }[]
    >
  >
}

const common = {
  offset_into_first_range: whole,
  terms: v.array(v.object({ hash, unpacked_length: u32, range: chunks })),
}

/** Version 2: one URL may be signed for several ranges. */
const second = v.object({
  ...common,
  xorbs: v.record(hash, v.array(v.object({ url, ranges: v.array(v.object({ chunks, bytes })) }))),
})

/** Version 1: one URL for each range. */
const first = v.object({
  ...common,
  fetch_info: v.record(hash, v.array(v.object({ url, range: chunks, url_range: bytes }))),
})

function inSecondForm({ fetch_info, ...rest }: v.InferOutput<typeof first>): WireReconstruction {
  return {
    ...rest,
    xorbs: Object.fromEntries(
      Object.entries(fetch_info).map(([xorb, items]) => [
        xorb,
        items.map((item) => ({
          url: item.url,
          ranges: [{ chunks: item.range, bytes: item.url_range }],
        })),
      ]),
    ),
  }
}

interface Reconstruction {
  /** In file order, without gaps, covering the requested range. */
  readonly runs: readonly Run[]
  /** Every run lies within one of them; each has at least one run. */
  readonly descriptors: readonly Descriptor[]
}

interface Expectation {
  /** The requested range, within the file. */
  readonly range: ByteRange
  /** Bytes of the whole file. */
  readonly size: number
  /** The requested URL, for errors. */
  readonly url?: string
}

/**
 * Converts the responses of version 1 and version 2 reconstruction requests to one form and checks everything: the
 * result is consistent, covers the requested range and lies within the file.
 *
 * @param json the parsed body
 * @throws FerryError `protocol`, naming the field
 */
export function parseReconstruction(
  json: unknown,
  { range, size, url }: Expectation,
): Reconstruction {
  // The fields of a response show its version; the requested path does not prove it.
  const isFirst = (json as { fetch_info?: unknown } | null)?.fetch_info !== undefined
  const parsed = v.safeParse(isFirst ? first : second, json, { abortEarly: true })
  if (!parsed.success) throw protocolError('The reconstruction', parsed.issues[0], url)
  const { output } = parsed
  const wire = 'fetch_info' in output ? inSecondForm(output) : output
  const fault: Fault = (field, why, errorCode) =>
    violation('The reconstruction', `${field} ${why}`, url, errorCode)
  const runs = runsOf(wire, range, size, fault)
  const used = new Set(runs.map((run) => run.xorb))
  const descriptors = descriptorsOf(wire).filter(({ xorb }) => used.has(xorb))
  const holders = checkDescriptors(descriptors, runs, fault)
  return { runs, descriptors: descriptors.filter((descriptor) => holders.has(descriptor)) }
}

function runsOf(wire: WireReconstruction, range: ByteRange, size: number, fault: Fault): Run[] {
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
    if (length < count || length > count * longestChunk) {
      throw fault(`terms.${index}.unpacked_length`, `is ${length}, impossible for ${count} chunks`)
    }
    const run = { xorb: hash, chunks, offset, length }
    offset += length
    return run
  })
  if (skip >= (runs[0]?.length ?? Infinity)) {
    throw fault('offset_into_first_range', `is ${skip}, past the first term`)
  }
  // Either answer may be the wrong one: what the hub says of the file's length, or this.
  if (offset > size)
    throw fault('terms', `reach to ${offset}, past the file's end at ${size}`, 'LengthDiffers')
  if (offset < Math.min(range.end, size)) {
    const why = `end at ${offset}, before the end of what was asked for (${range.end})`
    throw fault('terms', why, 'LengthDiffers')
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
