import * as v from 'valibot'
import type { ReconstructionRecord } from './ReconstructionRecord.ts'

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const range = v.pipe(
  v.object({ start: whole, end: whole }),
  v.check(({ start, end }) => start <= end),
)
const text = v.exactOptional(v.string())

const info = v.object({
  url: v.string(),
  size: whole,
  content: v.string(),
  xetHash: text,
  sha256: text,
  etag: text,
  commit: text,
  contentType: text,
  tokenUrl: text,
  reconstructionUrl: text,
  ranges: v.exactOptional(v.boolean()),
  fetchedAt: v.number(),
})

const block = v.object({
  range,
  runs: v.array(v.object({ xorb: v.string(), chunks: range, offset: whole, length: whole })),
  descriptors: v.array(
    v.object({ xorb: v.string(), chunks: range, bytes: range, url: v.string() }),
  ),
  fetchedAt: v.number(),
  deadline: v.nullable(v.number()),
  skew: v.number(),
  generation: v.pipe(whole, v.minValue(1)),
})

const record = v.object({ info: v.exactOptional(info), blocks: v.array(block) })

/**
 * A stored record, if it is one: another version of modelferry, or anything else on this origin, may have
 * written what is there.
 */
export function readRecord(stored: unknown): ReconstructionRecord | undefined {
  const parsed = v.safeParse(record, stored, { abortEarly: true })
  return parsed.success ? parsed.output : undefined
}
