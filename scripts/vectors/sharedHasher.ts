import { createHasher } from '../../src/codec/createHasher.ts'
import type { Hasher } from '../../src/codec/Hasher.ts'

/** One hasher for all vectors. */
export const sharedHasher: Promise<Hasher> = createHasher()
