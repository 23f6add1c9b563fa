// The files of a revision as those of another one and the changes since. Requests may hold many revisions at the same
// time, and each of them as a copy would be as much memory as its repository has files.

import { pacer } from '../pacing.ts'
import type { FileEntry } from '../context.ts'
import type { Changes, Files } from './commit-file.ts'

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
