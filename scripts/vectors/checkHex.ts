import * as v from 'valibot'
import { hashToHex } from '../../src/codec/xet-hash.ts'
import { hexToHash } from '../../src/codec/xet-hash.ts'
import { expectSame } from './expectSame.ts'

const byte = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))
const schema = v.object({ raw: v.pipe(v.array(byte), v.length(32)), hex: v.string() })

/** Group `hex`: raw bytes of a hash and its printed form, both ways. */
export function checkHex(entry: unknown): void {
  const { raw, hex } = v.parse(schema, entry)
  expectSame('printed form', hashToHex(Uint8Array.from(raw)), hex)
  expectSame('raw bytes', hexToHash(hex).join(), raw.join())
}
