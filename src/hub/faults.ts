import { FerryError } from '../core/index.ts'
import { HubRefusal, refusalAnswer, storageRefusal } from './refusals.ts'
import type { RequestKind, FaultAction, FaultRule, Faults, HubOrigin } from './hub.ts'

/** Returns the fault of a request, and consumes it. */
export type FaultTaker = (request: {
  readonly kind: RequestKind
  /** The hash in the path, such as that of a xorb. */
  readonly hash?: string
  /** Decoded. */
  readonly path: string
}) => FaultAction | undefined

interface Armed {
  readonly rule: FaultRule
  /** Matching requests that still succeed. */
  spared: number
  /** Matching requests that will fail. */
  left: number
}

const actions: ReadonlySet<string> = new Set<FaultAction['do']>([
  'cut',
  'delay',
  'drop-cors',
  'flip',
  'short',
  'stall',
  'status',
  'swap',
])

/**
 * Makes the faults of a hub: none at first.
 *
 * @returns the faults, and the function that consumes them
 */
export function createFaults(): { faults: Faults; take: FaultTaker } {
  let armed: Armed[] = []
  return {
    faults: {
      get rules() {
        return armed.map(({ rule }) => rule)
      },
      add(rule) {
        if (typeof rule.kind !== 'string' || !actions.has(rule.action?.do)) {
          throw new FerryError(
            'configuration',
            `A fault needs a kind and an action.do that is one of ${[...actions].join(', ')}.`,
          )
        }
        const left = rule.times === null ? Number.POSITIVE_INFINITY : (rule.times ?? 1)
        const added = { rule, spared: (rule.nth ?? 1) - 1, left }
        armed.push(added)
        return () => void (armed = armed.filter((other) => other !== added))
      },
      clear: () => void (armed = []),
    },
    take({ kind, hash, path }) {
      for (const candidate of armed) {
        const { rule } = candidate
        if (rule.kind !== kind) continue
        if (rule.xorb !== undefined && rule.xorb !== hash) continue
        if (rule.path !== undefined && !path.endsWith(rule.path)) continue
        if (candidate.spared > 0) {
          candidate.spared--
          continue
        }
        candidate.left--
        armed = armed.filter(({ left }) => left > 0)
        return rule.action
      }
      return undefined
    },
  }
}

/**
 * A refusal in the format of its origin.
 *
 * @param status HTTP status, 400 to 599
 * @param headers further headers, such as `Retry-After`
 * @param origin where the request arrived
 */
export function failOnPurpose(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  origin: HubOrigin = 'hub',
): Response {
  if (origin === 'hub') {
    return refusalAnswer(new HubRefusal(status, 'Refused on purpose.', undefined, headers))
  }
  return storageRefusal('Refused on purpose', 'AccessDenied', status, headers)
}
