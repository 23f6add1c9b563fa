import type { Clock } from '../core/Clock.ts'
import type { Channel } from '../protocol/Channel.ts'
import { encodeError } from '../protocol/encodeError.ts'
import type { LoadState } from '../protocol/LoadState.ts'

type Waiting = NonNullable<LoadState['waiting']>

/** Waits whose ends lie closer together are one, milliseconds. */
const sameMs = 500

/**
 * Tells everybody what a file waits for; of several requests that wait together once.
 *
 * @param url the file's
 * @returns is told until when (epoch milliseconds) and why; gives what a load's state says of it
 */
export function waitingTeller(
  channel: Channel,
  clock: Clock,
  url: string,
): (until: number, reason: unknown) => Waiting {
  let told = 0
  return (until, reason) => {
    const why = encodeError(reason)
    const { origin } = new URL(why.url ?? url)
    const waiting = { origin, until, reason: why }
    const delayMs = Math.max(0, until - clock.now())
    if (until > told + sameMs) {
      told = until
      channel.emit({ name: 'waiting', detail: { ...waiting, url, delayMs } })
    }
    return waiting
  }
}
