// Which files a `.gitignore` excludes from an upload. Patterns come from clients, so they become no regular expressions,
// which can take exponential time. Patterns are bounded, and so is the work of one request: it is counted in compared
// characters.

import { pacer } from './pacing.ts'
import { HubRefusal } from './refusals.ts'

/** One line of a `.gitignore`. */
interface Rule {
  /** Begins with `!`: what an earlier rule excludes is taken in again. */
  readonly negated: boolean
  readonly foldersOnly: boolean
  readonly segments: readonly (typeof ANY | readonly Sign[])[]
}

const ANY: unique symbol = Symbol('any number of parts')
/** A character, any one, any number of them, or a class. */
type Sign = string | typeof ANY | typeof ONE | Class
const ONE: unique symbol = Symbol('any character')

interface Class {
  readonly excluded: boolean
  readonly bounds: readonly (readonly [from: string, to: string])[]
}

/** Counts the steps of a request. */
interface Work {
  steps: number
}

/** Characters of a `.gitignore`; one more is refused. */
export const longestGitignore: number = 256 * 1024
const MOST_PATTERNS = 1000
const LONGEST_PATTERN = 256
const MOST_STARS = 16
/** Less than a second. 256 files, as clients send them, with 400 patterns need a tenth of it. */
const MOST_STEPS = 50_000_000
/** Steps between two reads of the clock. */
const STEPS = 16_384

/**
 * Reads a `.gitignore` of the repository's root.
 *
 * @param text at most {@link longestGitignore} characters are read
 * @param options `signal`: aborts the matching; `most`: steps of work for all paths
 * @returns whether the file at a path is excluded. The last rule that fits decides; nothing in an excluded folder is
 *   taken in again. Throws HubRefusal 400 when the paths need too much work.
 * @throws HubRefusal 400 for a pattern or a text beyond the limits
 * @see https://git-scm.com/docs/gitignore
 */
export async function readGitignore(
  text: string,
  { signal, most = MOST_STEPS }: { readonly signal?: AbortSignal; readonly most?: number } = {},
): Promise<(path: string) => Promise<boolean>> {
  const work: Work = { steps: 0 }
  const pause = pacer(1)
  let next = STEPS
  /** Called between short pieces of work; undefined: go on at once. */
  const rest = (): Promise<void> | undefined => {
    if (work.steps < next) return undefined
    next = work.steps + STEPS
    if (work.steps > most) {
      throw new HubRefusal(
        400,
        'The .gitignore is too expensive for these files. Send fewer files at once, or simpler patterns.',
      )
    }
    signal?.throwIfAborted()
    return pause.due() ? pause.now().then(() => signal?.throwIfAborted()) : undefined
  }

  if (text.length > longestGitignore) {
    throw new HubRefusal(400, `A .gitignore may have at most ${longestGitignore} characters.`)
  }
  const rules: Rule[] = []
  for (const line of text.split('\n')) {
    work.steps += 1 + line.length
    await rest()
    const rule = ruleOf(line.endsWith('\r') ? line.slice(0, -1) : line)
    if (rule !== undefined) rules.push(rule)
    if (rules.length > MOST_PATTERNS) {
      throw new HubRefusal(400, `A .gitignore may have at most ${MOST_PATTERNS} patterns.`)
    }
  }

  const decide = async (
    parts: readonly (readonly string[])[],
    count: number,
    isFolder: boolean,
  ): Promise<boolean> => {
    let last: Rule | undefined
    for (const rule of rules) {
      work.steps++
      const resting = rest()
      if (resting !== undefined) await resting
      if (rule.foldersOnly && !isFolder) continue
      if (fits(rule.segments, parts, count, work, fitsSegment)) last = rule
    }
    return last !== undefined && !last.negated
  }
  const folders = new Map<string, boolean>()
  return async (path) => {
    if (rules.length === 0) return false
    const parts = path.split('/').map((part) => Array.from(part))
    work.steps += path.length
    for (let count = 1, end = path.indexOf('/'); end !== -1; count++) {
      const folder = path.slice(0, end)
      work.steps += end
      const excluded = folders.get(folder) ?? (await decide(parts, count, true))
      folders.set(folder, excluded)
      if (excluded) return true
      end = path.indexOf('/', end + 1)
    }
    return decide(parts, parts.length, false)
  }
}

function ruleOf(line: string): Rule | undefined {
  if (line.startsWith('#')) return undefined
  let end = line.length
  while (line[end - 1] === ' ' && line[end - 2] !== '\\') end--
  const trimmed = line.slice(0, end)
  if (trimmed === '') return undefined
  if (trimmed.length > LONGEST_PATTERN || trimmed.split('*').length - 1 > MOST_STARS) {
    throw new HubRefusal(
      400,
      `A pattern of a .gitignore may have at most ${LONGEST_PATTERN} characters and ${MOST_STARS} stars.`,
    )
  }
  const negated = trimmed.startsWith('!')
  const given = negated ? trimmed.slice(1) : trimmed
  const foldersOnly = given.endsWith('/')
  const pattern = foldersOnly ? given.slice(0, -1) : given
  const parts = pattern.replace(/^\//, '').split('/')
  // A pattern without a slash counts in every folder; `a/**` stands for what is in `a`, not for `a`.
  const whole = [...(pattern.includes('/') ? [] : ['**']), ...parts]
  const full = whole.length > 1 && whole.at(-1) === '**' ? [...whole, '*'] : whole
  const segments = full.map((text) => (text === '**' ? ANY : [...readSigns(Array.from(text))]))
  return { negated, foldersOnly, segments }
}

/**
 * Goes back to the last {@link ANY} only: an earlier one could not take more without this one taking less. So it compares
 * each part with each item at most once.
 */
function fits<Item, Part>(
  pattern: readonly (typeof ANY | Item)[],
  parts: readonly Part[],
  count: number,
  work: Work,
  test: (item: Item, part: Part, work: Work) => boolean,
): boolean {
  let [at, taken, any, anyTaken] = [0, 0, -1, 0]
  while (taken < count) {
    work.steps++
    const item = pattern[at]
    if (item === ANY) {
      any = at++
      anyTaken = taken
    } else if (item !== undefined && test(item, parts[taken]!, work)) {
      at++
      taken++
    } else if (any !== -1) {
      at = any + 1
      taken = ++anyTaken
    } else return false
  }
  while (pattern[at] === ANY) at++
  return at === pattern.length
}

function fitsSegment(signs: readonly Sign[], segment: readonly string[], work: Work): boolean {
  return fits(signs, segment, segment.length, work, fitsSign)
}

function fitsSign(sign: Exclude<Sign, typeof ANY>, given: string, work: Work): boolean {
  if (sign === ONE) return true
  if (typeof sign === 'string') return sign === given
  work.steps += sign.bounds.length
  return sign.bounds.some(([from, to]) => from <= given && given <= to) !== sign.excluded
}

function* readSigns(text: readonly string[]): Generator<Sign, void> {
  for (let at = 0; at < text.length; at++) {
    const sign = text[at]!
    const end = sign === '[' ? text.indexOf(']', at + 2) : -1
    if (sign === '*') yield ANY
    else if (sign === '?') yield ONE
    else if (end !== -1) {
      yield classOf(text.slice(at + 1, end).join(''))
      at = end
    } else yield sign === '\\' && at + 1 < text.length ? text[++at]! : sign
  }
}

/** The inside of `[a-z_]` or `[!a-z]`. */
function classOf(text: string): Class {
  const excluded = /^[!^]/.test(text)
  const ranges = (excluded ? text.slice(1) : text).matchAll(/\\?(.)(?:-\\?(.))?/gsu)
  return { excluded, bounds: [...ranges].map(([, from = '', to = from]) => [from, to] as const) }
}
