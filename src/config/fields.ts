import * as v from 'valibot'
import type { CallerKey, ServiceKey } from './types.ts'

/**
 * A text that matches a pattern.
 *
 * @param expected description for the message: `64 hex digits`
 */
export function textLike(pattern: RegExp, expected: string): v.GenericSchema<string> {
  return v.pipe(v.string(`expected ${expected}`), v.regex(pattern, `expected ${expected}`))
}

/** Id of a key in headers and logs. */
export const keyId: v.GenericSchema<string> = textLike(
  /^[\w.-]{1,64}$/,
  '1 to 64 letters, digits, dots, hyphens and underscores',
)

/**
 * An object with these entries and no others; a list is not accepted.
 *
 * @example sectionOf({ percent: v.optional(wholeNumber(0, 100), 100) })
 */
export function sectionOf<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.GenericSchema<unknown, v.InferOutput<v.StrictObjectSchema<Entries, undefined>>> {
  return v.pipe(
    v.custom<object>(
      (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
      'expected an object',
    ),
    v.strictObject(entries, ({ expected }) =>
      expected === 'never'
        ? `there is no such entry; known are ${Object.keys(entries).join(', ')}`
        : 'it must be given',
    ),
  )
}

const reference = v.pipe(
  sectionOf({ $env: textLike(/^[A-Za-z_]\w*$/, 'the name of a variable of the process') }),
  // References are resolved before the whole configuration is parsed. This result is used only when a layer is checked alone.
  v.transform((): string => ''),
)

/**
 * A text that should not be in a file: the text itself, or `{ "$env": "NAME" }`.
 *
 * @param length minimum number of characters
 */
export function secretText(length: number): v.GenericSchema<unknown, string> {
  const expected = `expected a text of at least ${length} characters, or { "$env": "NAME" }`
  return v.union([v.pipe(v.string(), v.minLength(length, expected)), reference], expected)
}

/** Name of a service in logs. */
export const serviceName: v.GenericSchema<string> = textLike(
  /^[a-z0-9][a-z0-9-]{0,31}$/,
  '1 to 32 small letters, digits and hyphens',
)

/** The key of a caller of this gateway's own endpoints. */
export const callerKey: v.GenericSchema<unknown, CallerKey> = sectionOf({
  keyId,
  secret: secretText(32),
  service: v.exactOptional(serviceName),
})

/** SHA-256 of a token, converted to lower case. */
export const digest: v.GenericSchema<string> = v.pipe(
  textLike(/^[0-9a-f]{64}$/i, 'the SHA-256 of a token, 64 hex digits (never the token itself)'),
  v.toLowerCase(),
)

const scopeText = textLike(/^[!#-[\]-~]+$/, 'a scope without blanks and quotes')
const repoType = '(?:model|dataset|space)s/'
const repoPart = String.raw`\w[\w.-]{0,95}`
// In `datasets/*` an owner is missing: it is not the owner `datasets`.
const repoNames = new RegExp(
  String.raw`^(?!.*\.\.)(?:\*|(?:${repoType})?(?:${repoPart}/)?${repoPart}|(?:${repoType}|(?!${repoType}))${repoPart}/\*)$`,
  'i',
)

/** The scopes that the embedded hub reads, for messages. */
export const expectedScope =
  'expected read: or write: and one of owner/name, owner/*, datasets/owner/name, datasets/owner/*, spaces/owner/name, spaces/owner/*, *'

/** Whether the embedded hub reads a scope. */
export function isHubScope(text: string): boolean {
  const name = /^(?:read|write):(.*)$/.exec(text)?.[1]
  return name !== undefined && repoNames.test(name)
}

/** A scope of a token. What looks like one of the hub's must be one: another pattern would match nothing. */
export const scope: v.GenericSchema<string> = v.pipe(
  scopeText,
  v.check((text) => isHubScope(text) || !/^(?:read|write):/i.test(text), expectedScope),
)

const label = '[a-z0-9_-]{1,63}'

/**
 * The host of a front end, converted to lower case without a trailing dot. The public suffix check is done later by
 * the authentication, which has the list.
 *
 * @param wildcard whether a leading `*.` is allowed
 */
export function hostName(wildcard: boolean): v.GenericSchema<string> {
  const expected = `expected a host as app.example${wildcard ? ' or *.app.example' : ''}, without scheme, port, path and blanks`
  const shape = new RegExp(
    `^${wildcard ? String.raw`(?:\*\.)?` : ''}${label}(?:\\.${label})*\\.?$`,
    'i',
  )
  return v.pipe(
    v.string(expected),
    v.regex(shape, expected),
    v.maxLength(256, expected),
    v.transform((text) => text.toLowerCase().replace(/\.$/, '')),
  )
}

const expectedUrl =
  'expected an http or https URL without user, query and fragment, as https://host/path'

/** A trailing slash is removed, so that paths can be appended. */
export const httpUrl: v.GenericSchema<string> = v.pipe(
  v.string(expectedUrl),
  v.check((text) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    return (
      /^https?:\/\/[^\s?#@\\]+$/i.test(text) &&
      url !== undefined &&
      `${url.username}${url.password}${url.search}${url.hash}` === ''
    )
  }, expectedUrl),
  v.transform((text) => text.replace(/\/+$/, '')),
)

const expectedDate =
  'expected a date as 2027-01-31 (its first moment, UTC) or a time with its zone as 2027-01-31T12:00:00Z'
const shape = /^(\d{4})-(\d\d)-(\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d))?$/

/** Engines differ on 30 February, and a time without zone depends on the machine. */
function isMoment(text: string): boolean {
  const [, year = '', month = '', day = ''] = shape.exec(text) ?? []
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)))
  return (
    !Number.isNaN(Date.parse(text)) &&
    date.getUTCMonth() + 1 === Number(month) &&
    date.getUTCDate() === Number(day)
  )
}

/** A date or time, converted to epoch milliseconds. */
export const isoDate: v.GenericSchema<string, number> = v.pipe(
  v.string(expectedDate),
  v.regex(shape, expectedDate),
  v.check(isMoment, expectedDate),
  v.transform((text) => Date.parse(text)),
)

/**
 * A list of texts, or one text with commas between them. Blanks around an item, empty items and repeats are removed:
 * an empty item must never mean "everything".
 */
export function listOf<Item extends string>(
  item: v.GenericSchema<string, Item>,
): v.GenericSchema<unknown, readonly Item[]> {
  return v.pipe(
    v.custom<string | readonly unknown[]>(
      (value) => typeof value === 'string' || Array.isArray(value),
      'expected a list of texts, or one text with commas',
    ),
    v.transform((value) => {
      const items = typeof value === 'string' ? value.split(',') : value
      return items
        .map((text) => (typeof text === 'string' ? text.trim() : text))
        .filter((text) => text !== '')
    }),
    v.array(v.pipe(v.unknown(), v.string('expected a text'), item)),
    v.transform((items) => [...new Set(items)]),
  )
}

const expectedRange =
  'expected an address, or a range of them as 10.0.0.0/8 or fd00::/8 that does not hold every address'
const part = String.raw`(?:0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])`
const ipv4 = new RegExp(String.raw`^${part}(?:\.${part}){3}$`)

function isRange(text: string): boolean {
  const [, address = '', bits] = /^([^/]+)(?:\/([1-9]\d{0,2}))?$/.exec(text) ?? []
  if (ipv4.test(address)) return Number(bits ?? 32) <= 32
  if (!/^[0-9a-f:.]+$/i.test(address) || !URL.canParse(`http://[${address}]/`)) return false
  // An IPv4-mapped range that is not longer than the mapping prefix would contain all IPv4 addresses.
  const isMapped = /^\[::ffff:[\da-f]+:[\da-f]+\]$/.test(new URL(`http://[${address}]/`).hostname)
  return Number(bits ?? 128) <= 128 && Number(bits ?? 128) > (isMapped ? 96 : 0)
}

/** A network range in CIDR notation. A range of all addresses would make every caller a trusted proxy. */
export const networkRange: v.GenericSchema<string> = v.pipe(
  v.string(expectedRange),
  v.check(isRange, expectedRange),
)

/** A number from one bound to the other, both included. */
export function numberBetween(min: number, max: number): v.GenericSchema<number> {
  const expected = `expected a number from ${min} to ${max}`
  return v.pipe(v.number(expected), v.minValue(min, expected), v.maxValue(max, expected))
}

/** One of these words. */
export function oneOf<const Word extends string>(...words: Word[]): v.GenericSchema<Word> {
  return v.picklist(words, `expected one of ${words.join(', ')}`)
}

/** The key of a service for signatures. */
export const serviceKey: v.GenericSchema<unknown, ServiceKey> = sectionOf({
  keyId,
  secret: secretText(32),
})

/** A whole number from one bound to the other, both included. */
export function wholeNumber(min: number, max: number): v.GenericSchema<number> {
  const expected = `expected a whole number from ${min} to ${max}`
  return v.pipe(
    v.number(expected),
    v.integer(expected),
    v.minValue(min, expected),
    v.maxValue(max, expected),
  )
}

/** A switch. */
export const yesOrNo: v.GenericSchema<boolean> = v.boolean('expected true or false')
