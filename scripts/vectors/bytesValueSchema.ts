import * as v from 'valibot'
import type { BytesValue } from './BytesValue.ts'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/** Checks the shape of a {@link BytesValue}; any other form is an error. */
export const bytesValueSchema: v.GenericSchema<BytesValue> = v.union([
  v.pipe(v.string(), v.base64()),
  v.strictObject({ hex: v.pipe(v.string(), v.regex(/^(?:[\da-fA-F]{2})*$/)) }),
  v.strictObject({ utf8: v.string() }),
  v.strictObject({ zeros: count }),
  v.strictObject({ splitmix64: v.strictObject({ seed: count, length: count }) }),
  v.strictObject({ concat: v.array(v.lazy(() => bytesValueSchema)) }),
])
