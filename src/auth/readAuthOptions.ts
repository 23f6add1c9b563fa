import { FerryError } from '../core/FerryError.ts'
import { systemClock } from '../core/systemClock.ts'
import type { AuthOptions } from './AuthOptions.ts'
import type { AuthPolicy } from './AuthPolicy.ts'
import { digestSet } from './digestSet.ts'
import { hostMatcher } from './hostMatcher.ts'
import { isTokenTier } from './isTokenTier.ts'
import { onceEach } from './onceEach.ts'
import { parseHost } from './parseHost.ts'
import { parseHostList } from './parseHostList.ts'
import { parseTrustedProxies } from './parseTrustedProxies.ts'

/**
 * Checks what decisions are made with. Options come from files and variables as often as from code, so nothing
 * is taken for granted that types promise: a switch that is the text "false" would be on.
 *
 * @throws FerryError `configuration` that names the option, and the entry unless it may be a secret
 */
export function readAuthOptions(options: AuthOptions): AuthPolicy {
  const { allowedHosts = [], trustedProxies = [], ipv6Prefix = 64 } = options
  for (const name of ['validate', 'isPublicSuffix', 'onQueryToken', 'onUnknownTier'] as const)
    check(name, options[name], 'a function', (value) => isUnsetOr(value, 'function'))
  for (const name of ['allowQueryToken', 'allowBodyToken'] as const)
    check(name, options[name], 'true or false', (value) => isUnsetOr(value, 'boolean'))
  if (typeof allowedHosts !== 'string') checkTexts('allowedHosts', allowedHosts)
  checkTexts('trustedProxies', trustedProxies)
  check('ipv6Prefix', ipv6Prefix, 'a whole number from 32 to 128', isPrefix)
  const isAllowed = hostMatcher(parseHostList(allowedHosts, options.isPublicSuffix))
  return {
    validate: options.validate ?? (async () => ({ state: 'invalid' })),
    ...legacy(options),
    isAllowed,
    isRegistered: hostMatcher(registered(options)),
    proxies: parseTrustedProxies(trustedProxies),
    forwardedHeader: forwardedHeader(options),
    ipv6Prefix,
    allowQueryToken: options.allowQueryToken ?? true,
    allowBodyToken: options.allowBodyToken ?? false,
    passTiers: passTiers(options),
    onQueryToken: onceEach(options.onQueryToken),
    onUnknownTier: onceEach(options.onUnknownTier),
    clock: options.clock ?? systemClock,
  }
}

function legacy(options: AuthOptions): Pick<AuthPolicy, 'isLegacy' | 'legacyExpiresAt'> {
  const { legacyTokens = [], legacyExpiresAt } = options
  checkTexts('legacyTokens', legacyTokens)
  for (const [index, hash] of legacyTokens.entries()) {
    if (/^[0-9a-f]{64}$/i.test(hash)) continue
    // It may be a token that somebody forgot to hash.
    const seen = `legacyTokens[${index}] has ${hash.length} characters and is no SHA-256`
    throw wrong(`${seen} of 64 hex digits. Make them with legacyHashes.`)
  }
  if (legacyTokens.length > 0 || legacyExpiresAt !== undefined)
    check(
      'legacyExpiresAt',
      legacyExpiresAt,
      'the end of legacyTokens in epoch milliseconds',
      finite,
    )
  return { isLegacy: digestSet(legacyTokens), legacyExpiresAt: legacyExpiresAt ?? 0 }
}

function registered({ registeredHosts = [] }: AuthOptions): string[] {
  checkTexts('registeredHosts', registeredHosts)
  return registeredHosts.map((text) => {
    const host = parseHost(text)
    if (host === null) throw wrong(`registeredHosts has "${text}", which is no host name.`)
    return host
  })
}

function forwardedHeader({ forwardedHeader = 'x-forwarded-for' }: AuthOptions): string {
  check('forwardedHeader', forwardedHeader, 'the name of a header', isHeaderName)
  return forwardedHeader.toLowerCase()
}

function passTiers({ passTiers = ['nectar', 'legacy'] }: AuthOptions): ReadonlySet<string> {
  checkTexts('passTiers', passTiers)
  // The other tiers are those of people who showed no token; they never pass.
  const unknown = passTiers.find((tier) => tier !== 'legacy' && !isTokenTier(tier))
  if (unknown === undefined) return new Set(passTiers)
  throw wrong(`passTiers has "${unknown}". Use "seed", "flower", "nectar" and "legacy".`)
}

function checkTexts(name: keyof AuthOptions, value: unknown): void {
  check(name, value, 'a list of texts', isTexts)
}

function check(
  name: keyof AuthOptions,
  value: unknown,
  wanted: string,
  isRight: (value: unknown) => boolean,
): void {
  if (isRight(value)) return
  const seen = value === undefined ? 'missing' : `of type ${value === null ? 'null' : typeof value}`
  throw wrong(`${name} is ${seen}. It has to be ${wanted}.`)
}

function isUnsetOr(value: unknown, type: 'function' | 'boolean'): boolean {
  return value === undefined || typeof value === type
}

function finite(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value)
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

function isHeaderName(value: unknown): boolean {
  return typeof value === 'string' && /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i.test(value)
}

function isPrefix(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 32 && Number(value) <= 128
}

function wrong(message: string): FerryError {
  return new FerryError('configuration', message)
}
