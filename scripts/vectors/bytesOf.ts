import type { BytesValue } from './BytesValue.ts'
import { splitmix64 } from './splitmix64.ts'

/**
 * Decodes the bytes of a vector file.
 *
 * @param value checked with `bytesValueSchema`
 */
export function bytesOf(value: BytesValue): Uint8Array<ArrayBuffer> {
  if (typeof value === 'string') return new Uint8Array(Buffer.from(value, 'base64'))
  if ('hex' in value) return new Uint8Array(Buffer.from(value.hex, 'hex'))
  if ('utf8' in value) return new TextEncoder().encode(value.utf8)
  if ('zeros' in value) return new Uint8Array(value.zeros)
  if ('splitmix64' in value) return splitmix64(value.splitmix64.seed, value.splitmix64.length)
  return new Uint8Array(Buffer.concat(value.concat.map(bytesOf)))
}
