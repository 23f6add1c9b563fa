import * as v from 'valibot'
import { decodeChunkRecord } from '../../src/codec/chunk-record.ts'
import { FerryError } from '../../src/core/errors.ts'
import { bytesOf } from './bytesOf.ts'
import { bytesValueSchema } from './bytesValueSchema.ts'
import { expectSame } from './expectSame.ts'

const schema = v.object({ record: bytesValueSchema })

/** Generous for a busy machine: a record takes well below a millisecond. */
const PROMPT_MS = 1000

/** Group `badChunkRecords`: bytes that are not a single valid record; decoding must fail promptly. */
export function checkBadChunkRecord(entry: unknown): void {
  const record = bytesOf(v.parse(schema, entry).record)
  const started = performance.now()
  expectSame('outcome', outcomeOf(record), 'refused')
  const took = performance.now() - started
  if (took > PROMPT_MS) throw new Error(`the refusal took ${Math.round(took)} ms`)
}

function outcomeOf(record: Uint8Array): string {
  try {
    return `${decodeChunkRecord(record).length} bytes`
  } catch (error) {
    return error instanceof FerryError ? 'refused' : String(error)
  }
}
