import { serializeList, type BareItem } from 'structured-headers'
import type { KeyLimits } from '../../queue/KeyLimits.ts'
import type { QueueState } from '../../queue/QueueState.ts'

/**
 * `RateLimit-Policy` and `RateLimit` of one caller. Only its own limits are told, never those of the whole, and no
 * `pk`: that would name who shares the quota.
 *
 * @param limits of the caller
 * @param bypass whether the interval is skipped
 * @param state of the caller's key
 * @see draft-ietf-httpapi-ratelimit-headers
 */
export function rateLimitFields(
  limits: KeyLimits,
  bypass: boolean,
  state: Pick<QueueState, 'remaining' | 'resetMs'>,
): { readonly policy: string; readonly limit: string } {
  return { policy: policyOf(limits, bypass), limit: limitOf(state) }
}

type Kept = { readonly paced: string; readonly unpaced: string }

/** There are as many as tiers, and they are asked for with every answer. */
const kept = new WeakMap<KeyLimits, Kept>()

function policyOf(limits: KeyLimits, bypass: boolean): string {
  let both = kept.get(limits)
  if (both === undefined) {
    both = { paced: writePolicy(limits, limits.intervalMs), unpaced: writePolicy(limits, 0) }
    kept.set(limits, both)
  }
  return bypass ? both.unpaced : both.paced
}

function writePolicy(limits: KeyLimits, intervalMs: number): string {
  // The window is told in whole seconds: a shorter one becomes a second with more starts in it.
  const seconds = Math.ceil(intervalMs / 1000)
  const starts = Math.floor((limits.concurrency * seconds * 1000) / intervalMs)
  return serializeList([
    intervalMs > 0
      ? item('queue', [
          ['q', starts],
          ['w', seconds],
        ])
      : item('queue', [
          ['q', limits.concurrency],
          ['qu', 'concurrent-requests'],
        ]),
    item('pending', [
      ['q', limits.maxWaiting],
      ['qu', 'concurrent-requests'],
    ]),
  ])
}

const told = new Map<string, string>()
const mostTold = 1000

function limitOf({ remaining, resetMs }: Pick<QueueState, 'remaining' | 'resetMs'>): string {
  const left = Math.max(0, Math.floor(remaining))
  const seconds = Math.ceil(resetMs / 1000)
  const key = `${left} ${seconds}`
  const known = told.get(key)
  if (known !== undefined) return known
  const field = serializeList([item('queue', [['r', left], ...after(seconds)])])
  if (told.size >= mostTold) told.clear()
  told.set(key, field)
  return field
}

function after(seconds: number): [string, BareItem][] {
  return seconds > 0 ? [['t', seconds]] : []
}

function item(name: string, parameters: [string, BareItem][]): [BareItem, Map<string, BareItem>] {
  return [name, new Map(parameters)]
}
