import type { AuthConfig } from './AuthConfig.ts'
import type { GatewayConfig } from './GatewayConfig.ts'
import { guessable } from './guessable.ts'

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
  const { tokens, legacyTokens, legacyExpires } = rules
  const faults = repeated(`${place}.tokens`, 'sha256', tokens)
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
