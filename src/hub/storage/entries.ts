// The entries of a revision, files and folders, found in its ordered paths. A path of many folders is as many entries,
// so they are never all made: each listing makes those that it sends. Below, the files of a revision are layered: those
// of an earlier one and the changes since. Requests may hold many revisions at the same time, and a copy for each would
// need as much memory as the repository has files.

import { pacer, sorted } from '../pacing.ts'
import type { Files, Changes } from './commit-file.ts'
import type { FileEntry } from '../context.ts'

/** Computed once per revision. */
const ordered = new WeakMap<Files, Promise<readonly string[]>>()

/** The paths of all files of a revision, in the order of their UTF-16 code units. */
export function pathsOf(files: Files): Promise<readonly string[]> {
  const known = ordered.get(files)
  if (known !== undefined) return known
  const sorting = sortPaths(files)
  ordered.set(files, sorting)
  return sorting
}

/** Those of layered files by one pass over the paths of their base. */
async function sortPaths(files: Files): Promise<readonly string[]> {
  if (!(files instanceof LayeredFiles)) return await inOrder([...files.keys()])
  const { base, changes } = files
  const pause = pacer()
  const fresh: string[] = []
  for (const [path, entry] of changes) {
    if (pause.due()) await pause.now()
    if (entry !== null && !base.has(path)) fresh.push(path)
  }
  const added = await inOrder(fresh)
  const paths: string[] = []
  let next = 0
  for (const path of await pathsOf(base)) {
    if (pause.due()) await pause.now()
    while (next < added.length && added[next]! < path) paths.push(added[next++]!)
    if (changes.get(path) !== null) paths.push(path)
  }
  return paths.concat(added.slice(next))
}

/** Sorts paths as the functions below need them. */
export function inOrder(paths: readonly string[]): Promise<readonly string[]> {
  return sorted(paths, (one, other) => (one < other ? -1 : 1))
}

/**
 * The entries of a folder, in their order: the path of each file, and the path of each folder with a slash at its end.
 *
 * @param paths ordered paths of files
 * @param where `folder`: empty for the root; `after`: an entry, default the folder itself; `recursive`: with everything
 * below it
 * @example [...entriesOf(['a/b/c', 'd'], { folder: '', recursive: true })] // ['a/', 'a/b/', 'a/b/c', 'd']
 */
export function* entriesOf(
  paths: readonly string[],
  where: { readonly folder: string; readonly after?: string; readonly recursive: boolean },
): Generator<string, void> {
  const base = where.folder === '' ? '' : `${where.folder}/`
  let last = where.after ?? base
  for (let at = firstFrom(paths, last); paths[at]?.startsWith(base) === true;) {
    const path = paths[at]!
    let slash = path.indexOf('/', base.length)
    while (slash >= 0) {
      const folder = path.slice(0, slash + 1)
      if (folder > last) yield (last = folder)
      if (!where.recursive) break
      slash = path.indexOf('/', slash + 1)
    }
    if (slash >= 0) {
      at = firstFrom(paths, `${path.slice(0, slash)}${AFTER_SLASH}`)
      continue
    }
    if (path > last) yield (last = path)
    at++
  }
}

const AFTER_SLASH = '0'

/** Those of ordered paths that begin with a text. */
export function* below(paths: readonly string[], base: string): Generator<string, void> {
  for (let at = firstFrom(paths, base); paths[at]?.startsWith(base) === true; at++) yield paths[at]!
}

/** Whether ordered paths contain a path, as a file or as a folder. */
export function contains(paths: readonly string[], path: string): boolean {
  return paths[firstFrom(paths, path)] === path || containsFolder(paths, path)
}

/** Whether any of ordered paths is below a folder. */
export function containsFolder(paths: readonly string[], folder: string): boolean {
  return paths[firstFrom(paths, `${folder}/`)]?.startsWith(`${folder}/`) === true
}

/** The index of the first path that does not come before a text. */
function firstFrom(paths: readonly string[], text: string): number {
  let from = 0
  for (let to = paths.length; from < to;) {
    const middle = (from + to) >> 1
    if (paths[middle]! < text) from = middle + 1
    else to = middle
  }
  return from
}

/**
 * Makes the files of a revision from those of an earlier one, in slices.
 *
 * @param from may be layered too; then both share its base
 * @param since what is set after `from`, and deleted with null
 * @example await layered(files, new Map([['old.bin', null]]))
 */
export async function layered(from: Files, since: Changes): Promise<LayeredFiles> {
  const pause = pacer()
  const [base, before] = from instanceof LayeredFiles ? [from.base, from.changes] : [from, []]
  const changes = new Map<string, FileEntry | null>()
  for (const list of [before, since]) {
    for (const [path, entry] of list) {
      if (pause.due()) await pause.now()
      changes.set(path, entry)
    }
  }
  let { size } = base
  for (const [path, entry] of changes) {
    if (pause.due()) await pause.now()
    size += Number(entry !== null) - Number(base.has(path))
  }
  return new LayeredFiles(base, changes, size)
}

/** Files by path: those of `base`, and after them what `changes` adds. */
export class LayeredFiles implements Files {
  readonly base: Files
  readonly changes: Changes
  readonly size: number

  constructor(base: Files, changes: Changes, size: number) {
    this.base = base
    this.changes = changes
    this.size = size
  }

  get(path: string): FileEntry | undefined {
    const changed = this.changes.get(path)
    return changed === undefined ? this.base.get(path) : (changed ?? undefined)
  }

  has(path: string): boolean {
    return this.get(path) !== undefined
  }

  *entries(): MapIterator<[string, FileEntry]> {
    for (const [path, entry] of this.base) {
      const changed = this.changes.get(path)
      if (changed !== null) yield [path, changed ?? entry]
    }
    for (const [path, entry] of this.changes) {
      if (entry !== null && !this.base.has(path)) yield [path, entry]
    }
  }

  *keys(): MapIterator<string> {
    for (const [path] of this.entries()) yield path
  }

  *values(): MapIterator<FileEntry> {
    for (const [, entry] of this.entries()) yield entry
  }

  forEach(visit: (entry: FileEntry, path: string, files: Files) => void): void {
    for (const [path, entry] of this.entries()) visit(entry, path, this)
  }

  [Symbol.iterator](): MapIterator<[string, FileEntry]> {
    return this.entries()
  }
}
