import * as v from 'valibot'
import type { ByteRange } from '../core/ByteRange.ts'

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const u32 = v.pipe(whole, v.maxValue(0xffff_ffff))
const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
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
    // fetch refuses an address with credentials in it.
    return (
      /^https?:$/.test(address?.protocol ?? '') && `${address?.username}${address?.password}` === ''
    )
  }, 'expected an absolute http or https URL'),
)

/** The answer to a reconstruction call as it is on the wire, either version, in the shape of version 2. */
export interface WireReconstruction {
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
const first = v.pipe(
  v.object({
    ...common,
    fetch_info: v.record(hash, v.array(v.object({ url, range: chunks, url_range: bytes }))),
  }),
  v.transform(({ fetch_info, ...rest }) => ({
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
  })),
)

/** Which of the two an answer claims to be shows in its fields; the path asked does not prove it. */
export const reconstructionSchema: v.GenericSchema<unknown, WireReconstruction> = v.lazy((input) =>
  typeof input === 'object' && input !== null && 'fetch_info' in input ? first : second,
)
