import { expect, it } from 'vitest'
import { encodeWav } from './encodeWav.ts'

it('writes a header that describes the samples, then the samples', async () => {
  const blob = encodeWav(Float32Array.of(0, 1, -1, 2))
  const file = Buffer.from(await blob.arrayBuffer())
  expect(blob.type).toBe('audio/wav')
  expect(file.subarray(0, 4).toString()).toBe('RIFF')
  expect(file.readUInt32LE(4)).toBe(file.length - 8)
  expect(file.subarray(8, 16).toString()).toBe('WAVEfmt ')
  expect([file.readUInt32LE(16), file.readUInt16LE(20), file.readUInt16LE(22)]).toEqual([16, 1, 1])
  expect([file.readUInt32LE(24), file.readUInt32LE(28)]).toEqual([16_000, 32_000])
  expect([file.readUInt16LE(32), file.readUInt16LE(34)]).toEqual([2, 16])
  expect(file.subarray(36, 40).toString()).toBe('data')
  expect(file.readUInt32LE(40)).toBe(8)
  expect([44, 46, 48, 50].map((at) => file.readInt16LE(at))).toEqual([0, 32_767, -32_767, 32_767])
})
