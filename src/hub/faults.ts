import { FerryError } from '../core/index.ts'
import { HubRefusal, refusalAnswer, storageRefusal } from './refusals.ts'
import type { RequestKind, HubOrigin } from './log.ts'

/** The faults of a hub. */
export interface Faults {
  /** Active rules, in the order they were added. The first match applies. */
  readonly rules: readonly FaultRule[]
  /**
   * @returns a function that removes the rule
   * @throws FerryError `configuration` when the rule is invalid
   * @example const stop = hub.faults.add({ kind: 'xorb', times: 3, action: { do: 'status', status: 403 } })
   */
  add(rule: FaultRule): () => void
  clear(): void
}

/** Which requests fail, how often, and how. Preflights never fail. */
export interface FaultRule {
  readonly kind: RequestKind
  /** Only for this xorb. */
  readonly xorb?: string
  /** Only for requests whose decoded path ends with this text. */
  readonly path?: string
  /** Starts with the nth matching request, counted from 1. Default: 1. */
  readonly nth?: number
  /** Number of requests. Default: 1; `Infinity` (null in JSON): until it is removed. */
  readonly times?: number | null
  readonly action: FaultAction
}

/** A fault. Offsets count bytes of the response's body. */
export type FaultAction =
  /** Another status instead of the response, with the refusal body of its origin. */
  | {
      readonly do: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The connection is destroyed after this many bytes. */
  | { readonly do: 'cut'; readonly after: number }
  /** The body ends normally after this many bytes, with a matching `Content-Length`. */
  | { readonly do: 'short'; readonly after: number }
  /** One bit of the byte at this offset is flipped. */
  | { readonly do: 'flip'; readonly at: number }
  /** One bit in the middle of the first chunk that is stored with this compression scheme is flipped. */
  | { readonly do: 'flip'; readonly scheme: 0 | 1 | 2 }
  /** Two chunk records change places; counted from 0 within the body. */
  | { readonly do: 'swap'; readonly first: number; readonly second: number }
  /** The body pauses after this many bytes. */
  | { readonly do: 'stall'; readonly after: number; readonly ms: number }
  /** The whole response is delayed. */
  | { readonly do: 'delay'; readonly ms: number }
  /** The response has no CORS headers: a page of another origin sees a network error. */
  | { readonly do: 'drop-cors' }

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
