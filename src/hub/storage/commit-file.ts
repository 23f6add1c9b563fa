// A commit as it is stored: one JSON object, with a line for each file. It holds what the commit changes, and now and
// then also all files of its revision, from which later commits are replayed. A commit may have a hundred thousand
// files, so it is written and read in slices.

import { pacer } from '../pacing.ts'
import { open } from 'node:fs/promises'
import type { Commit, FileEntry } from '../context.ts'

/** The first line of a stored commit. */
export interface CommitHead extends Commit {
  /**
   * How much work it is to find the files of this revision: the replayed entries, and 100 for each commit; 0: all files are
   * in this one. Commits of older folders have none and hold all files, but not their changes.
   */
  readonly replay?: number
}

/** Files of a revision, by path. */
export type Files = ReadonlyMap<string, FileEntry>
/** What a commit sets, and deletes with null, by path. */
export type Changes = ReadonlyMap<string, FileEntry | null>

/** What a stored commit holds. */
export interface CommitLists {
  /** Undefined: it is of an older folder. */
  readonly changes?: Changes
  /** Undefined: they are found by replaying changes. */
  readonly files?: Files
}

const CHANGES = ',"changes":{'
const FILES = ',"files":{'
const LINES = 500
const SLICE_LENGTH = 64 * 1024
/** Bytes of the longest usual first line. */
const PART = 4096

/** The text of a commit, in slices. The first commit of a branch needs no files: they are its changes. */
export function* writeCommit(head: CommitHead, lists: CommitLists): Generator<string, void> {
  let text = JSON.stringify(head).slice(0, -1)
  for (const [mark, list] of [
    [CHANGES, lists.changes],
    [FILES, lists.files],
  ] as const) {
    if (list === undefined) continue
    text += mark
    let before = '\n'
    for (const [path, entry] of list) {
      text += `${before}${JSON.stringify(path)}:${JSON.stringify(entry)}`
      before = ',\n'
      if (text.length < SLICE_LENGTH) continue
      yield text
      text = ''
    }
    text += '\n}'
  }
  yield `${text}}`
}

/**
 * Reads the first line of a stored commit. Commits of the oldest folders are one line as a whole.
 *
 * @throws SyntaxError when it is damaged
 */
export async function readHead(path: string): Promise<CommitHead> {
  const file = await open(path)
  try {
    const parts: Buffer[] = []
    for (let at = 0, end = -1; end < 0;) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PART), 0, PART, at)
      if (bytesRead === 0) break
      end = buffer.subarray(0, bytesRead).indexOf('\n')
      parts.push(buffer.subarray(0, end < 0 ? bytesRead : end))
      at += bytesRead
    }
    return parseHead(Buffer.concat(parts).toString())
  } finally {
    await file.close()
  }
}

function parseHead(line: string): CommitHead {
  const mark = [CHANGES, FILES].find((each) => line.endsWith(each))
  const text = mark === undefined ? line : `${line.slice(0, -mark.length)}}`
  const { oid, parent, title, message, date, replay } = JSON.parse(text) as CommitHead
  if (typeof oid !== 'string') throw new SyntaxError('The commit has no id.')
  return {
    oid,
    parent,
    title,
    ...(message !== undefined && { message }),
    date,
    ...(replay !== undefined && { replay }),
  }
}

/**
 * Reads the lists of a stored commit.
 *
 * @param text what {@link writeCommit} wrote, or a commit of an older folder
 * @throws SyntaxError when it is damaged
 */
export async function readLists(text: string): Promise<CommitLists> {
  const lists: { changes?: Changes; files?: Files } = {}
  let at = text.indexOf('\n') + 1
  if (at === 0) {
    const { files } = JSON.parse(text) as { files: Readonly<Record<string, FileEntry>> }
    return { files: new Map(Object.entries(files)) }
  }
  const pause = pacer(1)
  for (let mark = [CHANGES, FILES].find((each) => text.endsWith(each, at - 1)); mark;) {
    const list = new Map<string, FileEntry>()
    while (!text.startsWith('}', at)) {
      if (pause.due()) await pause.now()
      let end = at
      for (let lines = 0; lines < LINES && !text.startsWith('}', end); lines++) {
        end = text.indexOf('\n', end) + 1
        if (end === 0) throw new SyntaxError('The commit ends too early.')
      }
      const part = text.slice(at, end - (text.startsWith(',', end - 2) ? 2 : 1))
      const parsed = JSON.parse(`{${part}}`) as Record<string, FileEntry>
      for (const [path, entry] of Object.entries(parsed)) list.set(path, entry)
      at = end
    }
    lists[mark === CHANGES ? 'changes' : 'files'] = list
    at++
    if (text.startsWith('}', at)) return lists
    if (!text.startsWith(`${FILES}\n`, at)) break
    mark = FILES
    at += FILES.length + 1
  }
  throw new SyntaxError('The commit ends too early.')
}
