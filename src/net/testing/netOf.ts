import { systemClock } from '../../core/async.ts'
import { Backoff } from '../backoff.ts'
import { defaultRetry, type Net } from '../attempt.ts'

/** A network with its own back-off, from the parts that a test sets. */
export function netOf(parts: Pick<Net, 'fetch'> & Partial<Net>): Net {
  const { clock = systemClock, random = (): number => 0, retry = defaultRetry } = parts
  const { maxWaitMs } = retry
  const backoff = new Backoff({ clock, random, maxWaitMs })
  return { clock, random, retry, backoff, ...parts }
}
