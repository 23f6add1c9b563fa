import type { LogFields } from './LogFields.ts'
import type { LogLine } from './LogLine.ts'
import { shownText } from './shownText.ts'

/** Characters. Enough for what is meant: host names, user ids, patterns. */
const longest = { word: 64, id: 128, route: 200, site: 253 } as const

/** Nothing that JSON or {@link unseen} escapes. Most texts are of this kind, and are quickly told by it. */
const plain = /^[-\w.~/*:,;()]*$/

/** Controls above ASCII, directions of writing and line ends that JSON lets pass: they could fake lines on a screen. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/**
 * Makes the line that is written, without its end: JSON with these fields in this order and no others, whatever
 * else an object carries.
 *
 * @param fields strings of any content and length
 * @param added what the log knows itself
 */
export function makeLine(
  fields: LogFields,
  added: Pick<LogLine, 'ts' | 'netHash' | 'service'>,
): string {
  const { event, status, waitMs, runMs, queue } = fields
  // A pattern has no query; where an address came instead, its query may hold a token of any name.
  const route = fields.route.split(/[?#]/, 1)[0] ?? ''
  return (
    `{"ts":"${added.ts}","event":"${event}"` +
    `,"requestId":${text(fields.requestId, longest.id)}` +
    `,"service":${text(fields.service ?? added.service, longest.word)}` +
    `,"kind":${text(fields.kind, longest.word)}` +
    `,"reason":${text(fields.reason, longest.word)}` +
    `,"tier":${text(fields.tier, longest.word)}` +
    `,"subject":${text(fields.subject, longest.id)}` +
    `,"site":${text(fields.site, longest.site)}` +
    `,"netHash":"${added.netHash}"` +
    `,"tokenSource":${text(fields.tokenSource, longest.word)}` +
    `,"method":${text(fields.method, longest.word)}` +
    `,"route":${text(route, longest.route)}` +
    `,"status":${number(status)},"waitMs":${number(waitMs)},"runMs":${number(runMs)}` +
    `,"queue":${queue === null ? 'null' : queueText(queue)}}`
  )
}

function text(value: string | null, most: number): string {
  if (value === null) return 'null'
  const shown = shownText(value, most)
  return plain.test(shown) ? `"${shown}"` : JSON.stringify(shown).replaceAll(unseen, escape)
}

function escape(character: string): string {
  return character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

function number(value: number | null): string {
  return value !== null && Number.isFinite(value) ? String(value) : 'null'
}

function queueText({ waiting, running, cap, max }: NonNullable<LogLine['queue']>): string {
  return `{"waiting":${number(waiting)},"running":${number(running)},"cap":${number(cap)},"max":${number(max)}}`
}
