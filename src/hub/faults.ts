// Faults on purpose, for tests of clients: rules that choose requests, and the damage done to their responses.

import { FerryError, sleep } from '../core/index.ts'
import { HubRefusal, refusalAnswer, storageRefusal } from './refusals.ts'
import { parseChunkHeader, type ChunkHeader } from '../codec/index.ts'
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
  /** Removes all rules. */
  clear(): void
}

/** Which requests fail, how often, and how. Preflights never fail. */
export interface FaultRule {
  /** Which requests may fail. */
  readonly kind: RequestKind
  /** Only for this xorb. */
  readonly xorb?: string
  /** Only for requests whose decoded path ends with this text. */
  readonly path?: string
  /** Starts with the nth matching request, counted from 1. Default: 1. */
  readonly nth?: number
  /** Number of requests. Default: 1; `Infinity` (null in JSON): until it is removed. */
  readonly times?: number | null
  /** How they fail. */
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

/** A chunk record within a body. */
export interface RecordPlace {
  readonly start: number
  readonly end: number
  readonly header: ChunkHeader
}

/**
 * Finds the chunk records of a body that consists only of them.
 *
 * @param body whole records
 * @throws FerryError `protocol` when it does not consist of them
 */
export function findRecords(body: Uint8Array): RecordPlace[] {
  const places: RecordPlace[] = []
  for (let start = 0; start < body.byteLength;) {
    const header = parseChunkHeader(body, start)
    const end = start + 8 + header.storedLength
    places.push({ start, end, header })
    start = end
  }
  return places
}

/**
 * Flips one bit in the middle of the first chunk that is stored with a scheme. Without such a chunk it does nothing.
 *
 * @param body whole records; changed in place
 * @param scheme of the chunk to damage
 */
function flipScheme(body: Uint8Array, scheme: 0 | 1 | 2): void {
  const record = findRecords(body).find(({ header }) => header.scheme === scheme)
  if (record !== undefined) body[(record.start + 8 + record.end) >> 1]! ^= 1
}

/**
 * A body in which two chunk records have changed places.
 *
 * @param body whole records
 * @param first index of one
 * @param second index of the other, behind the first
 * @returns the same body when it has no such records
 */
function swapRecords(
  body: Uint8Array<ArrayBuffer>,
  first: number,
  second: number,
): Uint8Array<ArrayBuffer> {
  const records = findRecords(body)
  const a = records[Math.min(first, second)]
  const b = records[Math.max(first, second)]
  if (a === undefined || b === undefined || a === b) return body
  const parts = [
    body.subarray(0, a.start),
    body.subarray(b.start, b.end),
    body.subarray(a.end, b.start),
    body.subarray(a.start, a.end),
    body.subarray(b.end),
  ]
  return new Uint8Array(Buffer.concat(parts))
}

/**
 * Damages a response as specified by an action. Actions without a body (`status`, `delay`, `drop-cors`) do not change it.
 *
 * @param response the correct response
 * @param action the fault
 * @param signal ends a stall early
 */
export async function damageBody(
  response: Response,
  action: FaultAction,
  signal: AbortSignal,
): Promise<Response> {
  const { body } = response
  if (body === null) return response
  switch (action.do) {
    case 'cut':
      return replaceBody(response, alter(body, action.after, cut))
    case 'stall':
      return replaceBody(
        response,
        alter(body, action.after, () => sleep(action.ms, signal)),
      )
    case 'short': {
      const whole = new Uint8Array(await response.arrayBuffer())
      return replaceBody(response, whole.slice(0, action.after))
    }
    case 'swap': {
      const whole = new Uint8Array(await response.arrayBuffer())
      return replaceBody(response, swapRecords(whole, action.first, action.second))
    }
    case 'flip': {
      const whole = new Uint8Array(await response.arrayBuffer())
      if ('scheme' in action) flipScheme(whole, action.scheme)
      else if (action.at < whole.byteLength) whole[action.at]! ^= 1
      return replaceBody(response, whole)
    }
    default:
      return response
  }
}

function replaceBody(
  response: Response,
  body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
): Response {
  const replaced = new Response(body, response)
  if (body instanceof Uint8Array) replaced.headers.set('content-length', String(body.byteLength))
  return replaced
}

function cut(): never {
  throw new Error('The connection is cut on purpose.')
}

/** Passes `after` bytes, runs an action, and continues. */
function alter(
  body: ReadableStream<Uint8Array>,
  after: number,
  then: () => void | Promise<void>,
): ReadableStream<Uint8Array> {
  let left = after
  let passed = false
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      async transform(part, controller) {
        if (passed || part.byteLength <= left) {
          left -= part.byteLength
          controller.enqueue(part)
          return
        }
        passed = true
        if (left > 0) controller.enqueue(part.subarray(0, left))
        await then()
        controller.enqueue(part.subarray(left))
      },
    }),
  )
}
