import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { AuthConfig } from './AuthConfig.ts'
import type { GatewayConfig } from './GatewayConfig.ts'

/** Says which entries, each well-formed, do not go together; without a full stop. */
export function findContradictions({ auth, queue, rollout, ...config }: GatewayConfig): string[] {
  const { scaling, concurrency } = queue
  const faults = [...inRules('auth', auth), ...inRules('rollout.previous', rollout.previous)]
  if (scaling.mode !== 'off' && !(scaling.min <= concurrency && concurrency <= scaling.max)) {
    faults.push(
      `queue.concurrency: expected a number from queue.scaling.min (${scaling.min}) to queue.scaling.max (${scaling.max}), got ${concurrency}`,
    )
  }
  return [
    ...faults,
    ...repeated('services', 'name', config.services),
    ...repeated('services', 'path', config.services),
    ...repeated('serviceKeys', 'keyId', config.serviceKeys),
  ]
}

function inRules(place: string, rules: AuthConfig | undefined): string[] {
  if (!rules) return []
  const { tokens, legacyTokens, legacyExpires, allowedHosts, registeredHosts } = rules
  const faults = repeated(`${place}.tokens`, 'sha256', tokens)
  if (legacyTokens.length > 0 && legacyExpires === undefined) {
    faults.push(`${place}.legacyExpires: it must be given, because there are legacy tokens`)
  }
  // Public words are no secrets: anybody could send the name of a listed site as a token.
  const words = ['', 'localhost', ...[...allowedHosts, ...registeredHosts].map(withoutWildcard)]
  const digests = new Map(words.map((word) => [bytesToHex(sha256(utf8ToBytes(word))), word]))
  const known = [
    ...legacyTokens.map((sha256, index) => ({ sha256, at: `legacyTokens[${index}]` })),
    ...tokens.map(({ sha256 }, index) => ({ sha256, at: `tokens[${index}].sha256` })),
  ]
  for (const { sha256, at } of known) {
    const word = digests.get(sha256)
    if (word === undefined) continue
    faults.push(
      `${place}.${at}: expected the digest of a secret, got that of ${word === '' ? 'an empty text' : `the host ${word}`}`,
    )
  }
  return faults
}

function withoutWildcard(host: string): string {
  return host.replace(/^\*\./, '')
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
