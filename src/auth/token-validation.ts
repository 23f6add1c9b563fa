// Token validation. The legacy list comes before the validators.
import * as v from 'valibot'
import { FerryError, systemClock, type Clock } from '../core/index.ts'
import { equalTexts } from './digests.ts'

/**
 * Validates a token.
 *
 * @param token as it was sent; only to be forwarded, never to be stored
 * @param digest its SHA-256, 64 lower-case hex digits: the form that is compared, stored and logged
 * @returns never rejects: every failure is `unavailable`
 */
export type TokenValidator = (token: string, digest: string) => Promise<Verdict>

/** The result of a validation. An outage is `unavailable`; it is never stored as `invalid`. */
export type Verdict =
  | {
      readonly state: 'valid'
      /** User id. */
      readonly sub: string
      /** As the validator reported it. None is `seed`; an unknown one is treated as `anonymous`. */
      readonly tier?: string
      readonly username?: string
      readonly scope?: readonly string[]
      readonly keyId?: string
      /** Epoch milliseconds at which the token ends. */
      readonly expiresAt?: number
      /** Whether it is older than its freshness because the validator could not be reached. */
      readonly stale?: boolean
    }
  | { readonly state: 'invalid' }
  | { readonly state: 'unavailable'; readonly retryAfterMs?: number }

/** A verdict with the time for which it may be cached. */
export type TimedVerdict = Verdict & {
  /** Milliseconds. */
  readonly maxAgeMs?: number
}

/** Tier of a decision, and key of the table of limits. */
export type Tier = 'anonymous' | 'recognised' | 'seed' | 'flower' | 'nectar' | 'legacy'

const tokenTiers: readonly string[] = ['seed', 'flower', 'nectar'] satisfies Tier[]

/** Whether a validator may report this tier. The other tiers follow from the kind of a decision. */
export function isTokenTier(tier: string): tier is 'seed' | 'flower' | 'nectar' {
  return tokenTiers.includes(tier)
}

/** Status of a credential: the verdict of the validator, or `legacy` for a token of the legacy list. */
export type CredentialStatus = Verdict | { readonly state: 'legacy' }

/** How credentials are checked. */
export interface CredentialPolicy {
  readonly validate: TokenValidator
  /** @param digest SHA-256 of a token, lower-case hex */
  readonly isLegacy: (digest: string) => boolean
  /** Epoch milliseconds. */
  readonly legacyExpiresAt: number
  readonly clock: Clock
}

/**
 * Checks a token. The legacy list comes first and is final: its tokens work while the validator is down, and expire
 * with the list.
 */
export async function checkCredential(
  token: string,
  digest: string,
  { isLegacy, legacyExpiresAt, validate, clock }: CredentialPolicy,
): Promise<CredentialStatus> {
  if (isLegacy(digest)) return { state: clock.now() > legacyExpiresAt ? 'invalid' : 'legacy' }
  const verdict = await callValidator(validate, token, digest)
  if (verdict.state !== 'valid' || verdict.expiresAt === undefined) return verdict
  return clock.now() >= verdict.expiresAt ? { state: 'invalid' } : verdict
}

/**
 * Calls an untrusted validator. When it throws or returns no verdict, the token is `unavailable`: neither accepted
 * nor invalid.
 */
export async function callValidator(
  validate: TokenValidator,
  token: string,
  digest: string,
): Promise<Verdict> {
  try {
    const verdict = withoutNulls(await validate(token, digest))
    if (verdict.state === 'invalid' || verdict.state === 'unavailable') return verdict
    const { sub, keyId = '', scope = [], expiresAt = 0 } = verdict
    const named = isText(sub) && sub !== '' && isText(keyId)
    const ends = typeof expiresAt === 'number' && !Number.isNaN(expiresAt)
    if (verdict.state === 'valid' && named && ends && Array.isArray(scope) && scope.every(isText))
      return verdict
  } catch {
    // Unavailable, like any other value that is not a verdict.
  }
  return { state: 'unavailable' }
}

/** JSON has null where the type has undefined. */
function withoutNulls(verdict: Verdict): Verdict {
  if (!Object.values<unknown>(verdict).includes(null)) return verdict
  const entries = Object.entries(verdict).filter(([, value]) => value !== null)
  return Object.fromEntries(entries) as Verdict
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

/** A token in the configuration, by its digest. */
export interface ListedToken {
  /** SHA-256 of the token, 64 hex digits. */
  readonly sha256: string
  /** User id. */
  readonly sub: string
  /** Default: `seed`. */
  readonly tier?: string
  /** Names the token in logs. Default: the first 8 hex digits of its digest. */
  readonly keyId?: string
  readonly username?: string
  /** Scopes for the services; they decide nothing here. Default: none. */
  readonly scope?: readonly string[]
  /** Epoch milliseconds from which on the token is invalid. */
  readonly expiresAt?: number
}

/**
 * Validates tokens by a list from the configuration. The list and the memory hold digests only.
 *
 * @param tokens entries; a wrong entry is an error at start
 * @param clock decides which tokens have ended; default: the system clock
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
    const { sha256, ...claims } = token
    const digest = sha256.toLowerCase()
    const other = find(digest)
    if (other !== undefined) {
      throw refused(at, token, `has the sha256 of tokens[${other.at}]`, 'Remove one of the two.')
    }
    const listed: Listed = { at, digest, verdict: { state: 'valid', ...claims } }
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
