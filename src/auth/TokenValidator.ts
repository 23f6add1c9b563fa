import type { Verdict } from './Verdict.ts'

/**
 * Says what a token is worth.
 *
 * @param token as it was sent; only for whoever has to forward it, never to be kept
 * @param digest its SHA-256, 64 lower-case hex digits: what is compared, kept and logged
 * @returns never rejects: whatever goes wrong is `unavailable`
 */
export type TokenValidator = (token: string, digest: string) => Promise<Verdict>
