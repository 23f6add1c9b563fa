import type { ByteRange } from '../core/ByteRange.ts'

/** What hashing a stored file again has shown. */
export interface Verification {
  /** Whether every stored byte hashes to what was committed and, of a complete file, all is there. */
  readonly intact: boolean
  /** Bytes that were read and hashed. */
  readonly bytes: number
  /** Stretches of the file that are wrong or missing, in order, on chunk boundaries. */
  readonly damaged: readonly ByteRange[]
}
