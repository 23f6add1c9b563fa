import { fractionWords } from './fractionWords.ts'

/** What the 64 rounds of SHA-256 add. */
export const sha256Rounds: Uint32Array<ArrayBuffer> = fractionWords(Math.cbrt, 64)
