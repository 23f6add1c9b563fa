import type { LogFields } from './LogFields.ts'
import type { LogLine } from './LogLine.ts'
import { shownText } from './shownText.ts'

/** Characters. Enough for what is meant: host names, user ids, patterns. */
const longest = { word: 64, id: 128, route: 200, site: 253 } as const

/**
 * Makes the line that is written: these fields in this order and no others, whatever else an object carries.
 *
 * @param fields strings of any content and length
 * @param added what the log knows itself
 */
export function makeLine(
  fields: LogFields,
  added: Pick<LogLine, 'ts' | 'netHash' | 'service'>,
): LogLine {
  const { queue } = fields
  const word = (text: string): string => shownText(text, longest.word)
  const id = (text: string): string => shownText(text, longest.id)
  return {
    ts: added.ts,
    event: fields.event,
    requestId: id(fields.requestId),
    service: word(fields.service ?? added.service),
    kind: word(fields.kind),
    reason: word(fields.reason),
    tier: fields.tier === null ? null : word(fields.tier),
    subject: fields.subject === null ? null : id(fields.subject),
    site: fields.site === null ? null : shownText(fields.site, longest.site),
    netHash: added.netHash,
    tokenSource: fields.tokenSource === null ? null : word(fields.tokenSource),
    method: word(fields.method),
    // A pattern has no query; where an address came instead, its query may hold a token of any name.
    route: shownText(fields.route.split(/[?#]/, 1)[0] ?? '', longest.route),
    status: fields.status,
    waitMs: fields.waitMs,
    runMs: fields.runMs,
    queue:
      queue === null
        ? null
        : { waiting: queue.waiting, running: queue.running, cap: queue.cap, max: queue.max },
  }
}
