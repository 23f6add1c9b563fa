import { fractionWords } from './fractionWords.ts'

/** What a SHA-256 starts with; BLAKE3 takes the same words. */
export const sha256Start: Uint32Array<ArrayBuffer> = fractionWords(Math.sqrt, 8)
