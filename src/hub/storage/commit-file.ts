// A commit as it is stored: one JSON object, with a line for each file of the revision. A revision may have a hundred
// thousand files, so it is written and read in slices.

import { pacer } from '../pacing.ts'
import type { Commit, FileEntry } from '../context.ts'

const MARK = '"files":{'
const LINES = 500
const SLICE_LENGTH = 64 * 1024

/** The text of a commit, in slices. */
export function* writeCommit({ files, ...commit }: Commit): Generator<string, void> {
  let text = `${JSON.stringify(commit).slice(0, -1)},${MARK}`
  let before = '\n'
  for (const path of Object.keys(files)) {
    text += `${before}${JSON.stringify(path)}:${JSON.stringify(files[path])}`
    before = ',\n'
    if (text.length < SLICE_LENGTH) continue
    yield text
    text = ''
  }
  yield `${text}\n}}`
}

/**
 * Reads what {@link writeCommit} wrote. Older folders have no lines; such a text is parsed at once.
 *
 * @throws SyntaxError when it is damaged
 */
export async function readCommit(text: string): Promise<Commit> {
  const begin = text.indexOf(`,${MARK}\n`)
  if (begin < 0) return JSON.parse(text) as Commit
  const head = JSON.parse(`${text.slice(0, begin)}}`) as Omit<Commit, 'files'>
  const pause = pacer(1)
  const files: Record<string, FileEntry> = Object.create(null) as Record<string, FileEntry>
  for (let at = begin + MARK.length + 2; !text.startsWith('}}', at);) {
    if (pause.due()) await pause.now()
    let end = at
    for (let lines = 0; lines < LINES && !text.startsWith('}}', end); lines++) {
      end = text.indexOf('\n', end) + 1
      if (end === 0) throw new SyntaxError('The commit ends too early.')
    }
    const part = text.slice(at, end).replace(/,?\n$/, '')
    Object.assign(files, JSON.parse(part === '' ? '{}' : `{${part}}`))
    at = end
  }
  return { ...head, files }
}
