import * as v from 'valibot'
import { FerryError } from '../core/index.ts'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { expectedScope, isHubScope } from './fields.ts'
import type { AuthConfig, GatewayConfig, ServiceConfig } from './types.ts'

/** Maximum number of faults in one error. */
const shown = 8

/**
 * A start-up error that names every wrong entry, up to a readable number.
 *
 * @param faults sentences without a full stop
 */
export function configurationError(faults: readonly string[]): FerryError {
  const rest = faults.length - shown
  const lines = faults.slice(0, shown).map((fault) => `\n- ${fault}`)
  if (rest > 0) lines.push(`\n- and ${rest} more`)
  return new FerryError(
    'configuration',
    `The configuration cannot be used. Correct:${lines.join('')}`,
  )
}

/** Entries whose values are secrets, or may be secrets by mistake. */
const guarded = new Set([
  'tokens',
  'legacyTokens',
  'secret',
  'serviceKeys',
  'credential',
  'introspect',
])

/**
 * Describes a value in an error. For entries with secrets, and where a section was expected, it names only the type.
 * URLs are shown without user and query.
 */
function describeSeen(value: unknown, path: readonly (string | number)[], leaf: boolean): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  const open = leaf && !path.some((key) => guarded.has(String(key)))
  if (open && (typeof value === 'number' || typeof value === 'boolean')) return `${value}`
  if (typeof value !== 'string') return `a ${typeof value}`
  if (!open) return 'a text'
  return JSON.stringify((isAddress(path) ? withoutSecrets(value) : value).slice(0, 100))
}

function isAddress(path: readonly (string | number)[]): boolean {
  return /url$|^upstream$/i.test(String(path.at(-1)))
}

function withoutSecrets(url: string): string {
  return url.replace(/[?#].*$/s, '').replace(/^(.*\/\/)?.*@/s, '$1')
}

/** An entry that cannot be used. */
export interface ConfigFault {
  readonly path: readonly (string | number)[]
  /** `expected …, got …` */
  readonly why: string
}

/** Where a section or a list is expected, a text may be a misplaced secret. */
const sections = new Set(['custom', 'array', 'union', 'strict_object'])

/**
 * Describes what is wrong with a value, without revealing secrets.
 *
 * @param issues from the validation by the schema
 */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): ConfigFault[] {
  return issues.map((issue) => {
    const path = (issue.path ?? []).map(({ key }) => (typeof key === 'number' ? key : String(key)))
    const named = issue.type === 'strict_object'
    const seen = describeSeen(issue.input, path, !sections.has(issue.type))
    return { path, why: named ? issue.message : `${issue.message}, got ${seen}` }
  })
}

/**
 * Formats an entry's path for errors and explanations.
 *
 * @example formatPath(['auth', 'tokens', 2, 'sha256']) // 'auth.tokens[2].sha256'
 */
export function formatPath(path: readonly (string | number)[]): string {
  return path
    .map((key) => {
      if (typeof key === 'number') return `[${key}]`
      return /^[\w$-]{1,64}$/.test(key) ? `.${key}` : `[${JSON.stringify(key.slice(0, 64))}]`
    })
    .join('')
    .replace(/^\./, '')
}

/**
 * Finds tokens that can be guessed: the empty text, or the name of a listed site. A token list that was once also
 * compared with host names may contain some.
 *
 * @param path of the rules, such as `auth`
 */
function guessable(place: string, rules: AuthConfig): string[] {
  const hosts = [...rules.allowedHosts, ...rules.registeredHosts]
  const words = ['', 'localhost', ...hosts.map((host) => host.replace(/^\*\./, ''))]
  const digests = new Map(words.map((word) => [bytesToHex(sha256(utf8ToBytes(word))), word]))
  const fault = (at: string, digest: string, advice = ''): string[] => {
    const word = digests.get(digest)
    if (word === undefined) return []
    const seen = word === '' ? 'an empty text' : `the host ${word}${advice}`
    return [`${place}.${at}: expected the digest of a secret, got that of ${seen}`]
  }
  const legacy = rules.legacyTokens.flatMap((digest, index) =>
    fault(`legacyTokens[${index}]`, digest, '; legacyHostNames would keep it'),
  )
  const listed = rules.tokens.flatMap((token, index) =>
    fault(`tokens[${index}].sha256`, token.sha256),
  )
  return [...(rules.legacyHostNames ? [] : legacy), ...listed]
}

/** Finds entries that are valid alone but contradict each other. Sentences without a full stop. */
export function findContradictions({ auth, queue, rollout, ...config }: GatewayConfig): string[] {
  const { scaling, concurrency } = queue
  const faults = [...inRules('auth', auth), ...inRules('rollout.previous', rollout.previous)]
  if (scaling.mode !== 'off' && !(scaling.min <= concurrency && concurrency <= scaling.max)) {
    faults.push(
      `queue.concurrency: expected a number from queue.scaling.min (${scaling.min}) to queue.scaling.max (${scaling.max}), got ${concurrency}`,
    )
  }
  if ((queue.reservedForTokens ?? 0) >= concurrency) {
    faults.push(
      `queue.reservedForTokens: expected fewer than queue.concurrency (${concurrency}), got ${queue.reservedForTokens}`,
    )
  }
  const { services, serviceKeys } = config
  if (serviceKeys.length === 0 && !services.some(({ credential }) => credential !== undefined)) {
    faults.push(
      ...foreignScopes('auth', auth),
      ...foreignScopes('rollout.previous', rollout.previous),
    )
  }
  return [
    ...faults,
    ...services.flatMap((service, index) => uselessEntries(service, `services[${index}]`)),
    ...repeated('services', 'name', config.services),
    ...repeated('services', 'path', config.services),
    ...repeated('serviceKeys', 'keyId', config.serviceKeys),
  ]
}

/**
 * Scopes that nothing reads: the hub does not know them, and no other service gets them. Scopes may be secrets by
 * mistake.
 */
function foreignScopes(place: string, rules: AuthConfig | undefined): string[] {
  return (rules?.tokens ?? []).flatMap(({ scope = [] }, at) =>
    scope.flatMap((text, index) =>
      isHubScope(text)
        ? []
        : [
            `${place}.tokens[${at}].scope[${index}]: ${expectedScope}; other scopes need a service with a credential, or serviceKeys`,
          ],
    ),
  )
}

/** Entries of a service that can have no effect. */
function uselessEntries(
  { path, upstream, credential, costs }: ServiceConfig,
  at: string,
): string[] {
  const faults = costs.flatMap((cost, index) => {
    const [start = '', ...rest] = cost.path.split('*')
    const isWithin =
      start.startsWith(path) || (rest.length > 0 ? path.startsWith(start) : `${start}/` === path)
    return isWithin
      ? []
      : [
          `${at}.costs[${index}].path: expected a path that begins with the service's, ${path}, got ${JSON.stringify(cost.path.slice(0, 100))}`,
        ]
  })
  if (credential !== undefined && upstream === undefined) {
    faults.push(`${at}.credential: it signs requests to an upstream, and there is none`)
  }
  return faults
}

function inRules(place: string, rules: AuthConfig | undefined): string[] {
  if (!rules) return []
  const { tokens, legacyTokens, legacyExpires } = rules
  const faults = repeated(`${place}.tokens`, 'sha256', tokens)
  const legacy = new Set(legacyTokens)
  for (const [index, { sha256: listed }] of tokens.entries()) {
    if (legacy.has(listed)) {
      faults.push(
        `${place}.tokens[${index}].sha256: it is also in ${place}.legacyTokens, which come first; remove one of the two`,
      )
    }
  }
  if (legacyTokens.length > 0 && legacyExpires === undefined) {
    faults.push(`${place}.legacyExpires: it must be given, because there are legacy tokens`)
  }
  return [...faults, ...guessable(place, rules)]
}

function repeated<Key extends string>(
  place: string,
  key: Key,
  items: readonly Readonly<Record<Key, string>>[],
): string[] {
  const first = new Map<string, number>()
  return items.flatMap((item, index) => {
    const before = first.get(item[key])
    if (before === undefined) first.set(item[key], index)
    return before === undefined
      ? []
      : [`${place}[${index}].${key}: it is the same as that of ${place}[${before}]`]
  })
}

/** Whether a value is merged entry by entry: not for lists, and not for `{ "$env": "NAME" }`, which is one value. */
export function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !Object.hasOwn(value, '$env')
  )
}
