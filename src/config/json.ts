import { FerryError } from '../core/index.ts'

/** Where a text stops being JSON. */
export interface JsonFault {
  /** Offset of the first character that does not fit. */
  readonly index: number
  readonly why: string
}

type Expected = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or }' | ', or ]' | 'end'

const blank = /[ \t\n\r]*/y
// Unrolled, so that an unterminated text is scanned only once.
// oxlint-disable-next-line no-control-regex -- JSON forbids exactly these in a text
const string = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y

/**
 * Finds the first fault of a JSON text (RFC 8259). A name that appears twice in one object is a fault: one of the two
 * entries would be ignored silently. Engines report no position, or quote text that may be a secret.
 *
 * @returns undefined when there is none
 */
export function findJsonFault(text: string): JsonFault | undefined {
  /** Names so far of each open object; undefined for a list. */
  const open: (Set<string> | undefined)[] = []
  let expected: Expected = 'value'
  let index = 0

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = index
    const found = pattern.exec(text)?.[0]
    index += found?.length ?? 0
    return found
  }
  const afterValue = (): Expected => {
    if (open.length === 0) return 'end'
    return open.at(-1) ? ', or }' : ', or ]'
  }
  /** Parses the next token. Returns what is expected after it; undefined when it does not fit. */
  const step = (): Expected | undefined => {
    const sign = text[index]
    const closes = (sign === '}' || sign === ']') && expected.endsWith(sign)
    if (closes) {
      open.pop()
      index += 1
      return afterValue()
    }
    if (expected.startsWith('name')) return take(string) === undefined ? undefined : ':'
    if (expected.startsWith('value') && (sign === '{' || sign === '[')) {
      open.push(sign === '{' ? new Set() : undefined)
      index += 1
      return sign === '{' ? 'name or }' : 'value or ]'
    }
    if (expected.startsWith('value')) {
      return (take(string) ?? take(scalar)) === undefined ? undefined : afterValue()
    }
    if (expected === 'end' || sign !== expected[0]) return undefined
    index += 1
    if (expected === ':') return 'value'
    return open.at(-1) ? 'name' : 'value'
  }

  for (;;) {
    take(blank)
    if (expected === 'end' && index === text.length) return undefined
    const start = index
    const next = step()
    if (next === undefined) return { index: start, why: `expected ${wording(expected)}` }
    if (next === ':') {
      const name = JSON.parse(text.slice(start, index)) as string
      const names = open.at(-1)
      if (names?.has(name)) {
        return { index: start, why: `the name ${JSON.stringify(name.slice(0, 64))} appears twice` }
      }
      names?.add(name)
    }
    expected = next
  }
}

function wording(expected: Expected): string {
  return expected === 'end'
    ? 'the end of the text'
    : expected.replace('name', 'a name in double quotes').replace('value', 'a value')
}

/**
 * Reads a JSON file's text. A leading byte order mark is ignored: some editors write one.
 *
 * @param name name of the file in errors
 * @throws FerryError `configuration` naming file, line and column, counted from 1; it quotes nothing but names
 * @example parseJson('{ "realm": }', 'gateway.json') // gateway.json, line 1, column 12: expected a value
 */
export function parseJson(text: string, name: string): unknown {
  const json = text.replace(/^\uFEFF/, '')
  const fault = findJsonFault(json)
  if (!fault) return JSON.parse(json)
  const lines = json.slice(0, fault.index).split('\n')
  const column = (lines.at(-1)?.length ?? 0) + 1
  throw new FerryError(
    'configuration',
    `${name}, line ${lines.length}, column ${column}: this is not JSON, ${fault.why}.`,
  )
}
