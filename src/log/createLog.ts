import type { Clock } from '../core/Clock.ts'
import { systemClock } from '../core/systemClock.ts'
import { createDailySalt } from './createDailySalt.ts'
import type { DailySalt } from './DailySalt.ts'
import type { Log } from './Log.ts'
import { makeLine } from './makeLine.ts'

/**
 * Makes a log: one line of JSON for each event, with the fields of {@link LogLine} in their order. No token, no
 * address and no query gets in.
 *
 * @param options `write`: takes a line with its line end; when it throws the line is lost, and `onError` is told
 *   the first time; `service`: name of the service, for lines that name none (default `modelferry`); `salt`: share
 *   it with whoever counts by network (default: one of its own)
 * @example
 * const log = createLog({ write: (text) => process.stdout.write(text) })
 */
export function createLog({
  write,
  service = 'modelferry',
  clock = systemClock,
  salt = createDailySalt({ clock }),
  onError = () => undefined,
}: {
  write: (text: string) => void
  service?: string
  clock?: Clock
  salt?: DailySalt
  onError?: (error: unknown) => void
}): Log {
  let told = false
  return {
    line(fields) {
      try {
        const ts = new Date(clock.now()).toISOString()
        const netHash = salt.hash(fields.network)
        write(`${makeLine(fields, { ts, netHash, service })}\n`)
      } catch (error) {
        if (told) return
        told = true
        onError(error)
      }
    },
  }
}
