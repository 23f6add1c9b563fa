import * as v from 'valibot'
import { type Clock, FerryError, systemClock } from '../../core/index.ts'
import { equalTexts } from '../digests.ts'
import type { TokenValidator, Verdict } from '../token-validation.ts'

/** A token in the configuration, by its digest. */
export interface ListedToken {
  /** SHA-256 of the token, 64 hex digits. */
  readonly sha256: string
  /** User id. */
  readonly sub: string
  readonly tier?: string
  readonly keyId?: string
  readonly username?: string
  readonly scope?: readonly string[]
  /** Epoch milliseconds from which on the token is invalid. */
  readonly expiresAt?: number
}

/**
 * Validates tokens by a list from the configuration. The list and the memory hold digests only.
 *
 * @param tokens entries; a wrong entry is an error at start
 * @throws FerryError `configuration`, naming the entry by its index and user, never by its digest: a token in its place
 *   would appear in a log
 * @example
 * const validate = createTokenList([{ sha256: digestOfToken, sub: 'u1', tier: 'seed' }])
 */
export function createTokenList(
  tokens: readonly ListedToken[],
  clock: Pick<Clock, 'now'> = systemClock,
): TokenValidator {
  if (!Array.isArray(tokens)) {
    throw new FerryError(
      'configuration',
      `The tokens are ${typeof tokens}. Give a list of entries.`,
    )
  }
  // The lookup uses the part of a digest that logs show anyway. The rest is compared in constant time.
  const byPrefix = new Map<string, Listed[]>()
  const find = (digest: string): Listed | undefined =>
    byPrefix.get(prefixOf(digest))?.find((listed) => equalTexts(listed.digest, digest))
  for (const [at, token] of tokens.entries()) {
    checkEntry(token, at)
    const { sha256, ...said } = token
    const digest = sha256.toLowerCase()
    const other = find(digest)
    if (other !== undefined) {
      throw refused(at, token, `has the sha256 of tokens[${other.at}]`, 'Remove one of the two.')
    }
    const listed: Listed = { at, digest, verdict: { state: 'valid', ...said } }
    byPrefix.set(prefixOf(digest), [...(byPrefix.get(prefixOf(digest)) ?? []), listed])
  }
  return async (_, digest) => {
    const verdict = find(digest)?.verdict ?? invalid
    if (verdict.state !== 'valid' || verdict.expiresAt === undefined) return verdict
    return verdict.expiresAt <= clock.now() ? invalid : verdict
  }
}

/** A name that is safe in keys, headers and logs: 1 to 256 visible characters and blanks, no line ends. */
export const plainText: v.GenericSchema<string> = v.pipe(
  v.string(),
  v.regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,256}$/u),
)

const schema = v.strictObject({
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/i)),
  sub: plainText,
  tier: v.optional(plainText),
  keyId: v.optional(plainText),
  username: v.optional(plainText),
  scope: v.optional(v.array(plainText)),
  expiresAt: v.optional(v.pipe(v.number(), v.finite())),
})

interface Listed {
  /** Index in the list. */
  readonly at: number
  readonly digest: string
  readonly verdict: Verdict
}

const invalid: Verdict = { state: 'invalid' }

function prefixOf(digest: string): string {
  return digest.slice(0, 8)
}

function checkEntry(token: ListedToken, at: number): void {
  const parsed = v.safeParse(schema, token, { abortEarly: true })
  if (parsed.success) return
  const issue = parsed.issues[0]
  const field = v.getDotPath(issue) ?? 'the entry'
  if (field === 'sha256' && typeof issue.input === 'string') {
    const seen = `has a sha256 of ${issue.input.length} characters`
    throw refused(at, token, seen, 'Give 64 hex digits: the SHA-256 of the token, not the token.')
  }
  // Names of unknown members are not quoted either: a token may have slipped into one.
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const advice = `Known are ${Object.keys(schema.entries).join(', ')}.`
    throw refused(at, token, 'has an unknown member', advice)
  }
  const seen = issue.input === undefined ? 'missing' : `not usable (${typeof issue.input})`
  throw refused(at, token, `is wrong: ${field} is ${seen}`, 'Correct or remove the entry.')
}

function refused(at: number, token: unknown, fault: string, advice: string): FerryError {
  const sub = typeof token === 'object' && token !== null && 'sub' in token ? token.sub : undefined
  // Short names only: a longer text may be a token in the wrong member.
  const whose = typeof sub === 'string' && /^[\w.@-]{1,16}$/.test(sub) ? ` (sub "${sub}")` : ''
  return new FerryError('configuration', `tokens[${at}]${whose} ${fault}. ${advice}`)
}
