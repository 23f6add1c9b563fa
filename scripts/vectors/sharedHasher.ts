import { createHasher } from '../../src/codec/hasher.ts'
import type { Hasher } from '../../src/codec/chunk-record.ts'

/** One hasher for all vectors. */
export const sharedHasher: Promise<Hasher> = createHasher()
