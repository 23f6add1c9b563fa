// Which files a `.gitignore` excludes from an upload. Patterns come from clients, so they become no regular expressions,
// which can take exponential time; each match takes at most the product of both lengths.

import { HubRefusal } from './refusals.ts'

/** One line of a `.gitignore`. */
interface Rule {
  /** Begins with `!`: what an earlier rule excludes is taken in again. */
  readonly negated: boolean
  readonly foldersOnly: boolean
  readonly segments: Pattern<string>
}

const ANY: unique symbol = Symbol('any number of parts')
type Pattern<Part> = readonly (typeof ANY | ((part: Part) => boolean))[]

const MOST_RULES = 5000
const LONGEST = 1024

/**
 * Reads a `.gitignore`.
 *
 * @throws HubRefusal 400 when it has too many lines, or one that is too long
 * @see https://git-scm.com/docs/gitignore
 */
export function parseGitignore(text: string): readonly Rule[] {
  const lines = text.split(/\r?\n/)
  if (lines.length > MOST_RULES || lines.some((line) => line.length > LONGEST)) {
    throw new HubRefusal(
      400,
      `A .gitignore may have at most ${MOST_RULES} lines of ${LONGEST} characters.`,
    )
  }
  return lines.flatMap((line) => {
    const trimmed = line.replace(/(?<!\\) +$/, '')
    if (trimmed === '' || trimmed.startsWith('#')) return []
    const negated = trimmed.startsWith('!')
    const given = negated ? trimmed.slice(1) : trimmed
    const foldersOnly = given.endsWith('/')
    const pattern = foldersOnly ? given.slice(0, -1) : given
    const parts = pattern.replace(/^\//, '').split('/')
    // A pattern without a slash counts in every folder; `a/**` stands for what is in `a`, not for `a`.
    const whole = [...(pattern.includes('/') ? [] : ['**']), ...parts]
    const full = whole.length > 1 && whole.at(-1) === '**' ? [...whole, '*'] : whole
    return [{ negated, foldersOnly, segments: full.map(segmentOf) }]
  })
}

/**
 * Whether a file is excluded. The last rule that fits decides; nothing in an excluded folder is taken in again.
 *
 * @param rules of the repository's root
 * @param path of a file
 * @param pause awaited between rules, because there may be many
 */
export async function isIgnored(
  rules: readonly Rule[],
  path: string,
  pause: { readonly due: () => boolean; readonly now: () => Promise<void> },
): Promise<boolean> {
  const parts = path.split('/')
  for (let count = 1; count <= parts.length; count++) {
    const at = parts.slice(0, count)
    let last: Rule | undefined
    for (const rule of rules) {
      if (pause.due()) await pause.now()
      if ((!rule.foldersOnly || count < parts.length) && fits(rule.segments, at)) last = rule
    }
    if (last !== undefined && !last.negated) return true
  }
  return false
}

/** Goes back to the last {@link ANY} only: an earlier one could not take more without this one taking less. */
function fits<Part>(pattern: Pattern<Part>, parts: readonly Part[]): boolean {
  let [at, taken, any, anyTaken] = [0, 0, -1, 0]
  while (taken < parts.length) {
    const part = pattern[at]
    if (part === ANY) {
      any = at++
      anyTaken = taken
    } else if (part !== undefined && part(parts[taken]!)) {
      at++
      taken++
    } else if (any !== -1) {
      at = any + 1
      taken = ++anyTaken
    } else return false
  }
  return pattern.slice(at).every((part) => part === ANY)
}

function segmentOf(text: string): Pattern<string>[number] {
  if (text === '**') return ANY
  const signs = [...readSigns(Array.from(text))]
  return (segment) => fits(signs, Array.from(segment))
}

function* readSigns(text: readonly string[]): Generator<Pattern<string>[number], void> {
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    const end = sign === '[' ? text.indexOf(']', at + 2) : -1
    if (sign === '*') yield ANY
    else if (sign === '?') yield () => true
    else if (end !== -1) {
      yield classOf(text.slice(at + 1, end).join(''))
      at = end
    } else {
      const wanted = sign === '\\' && at + 1 < text.length ? text[++at]! : sign
      yield (given) => given === wanted
    }
  }
}

/** The inside of `[a-z_]` or `[!a-z]`. */
function classOf(text: string): (sign: string) => boolean {
  const excluded = /^[!^]/.test(text)
  const ranges = (excluded ? text.slice(1) : text).matchAll(/\\?(.)(?:-\\?(.))?/gsu)
  const bounds = [...ranges].map(([, from = '', to = from]) => [from, to] as const)
  return (sign) => bounds.some(([from, to]) => from <= sign && sign <= to) !== excluded
}
