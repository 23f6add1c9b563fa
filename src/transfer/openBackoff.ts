import { systemClock } from '../core/systemClock.ts'
import { Backoff } from '../net/Backoff.ts'
import type { RetryPolicy } from '../net/RetryPolicy.ts'
import type { Channel } from '../protocol/Channel.ts'
import { keptPauses, type KeptPauses } from './keptPauses.ts'

/** This realm's back-off, which shares what it is told with all others, also with those that begin later. */
export function openBackoff(
  channel: Channel,
  { maxWaitMs }: Pick<RetryPolicy, 'maxWaitMs'>,
  { keep, recall }: KeptPauses = keptPauses(),
): Backoff {
  const backoff = new Backoff({
    clock: systemClock,
    random: Math.random,
    maxWaitMs,
    recall,
    tell: (pause) => {
      channel.tell({ kind: 'pause', pause })
      void keep(pause).catch(() => undefined)
    },
  })
  channel.listen((envelope) => {
    if (envelope.kind === 'pause') backoff.hear(envelope.pause)
  })
  return backoff
}
