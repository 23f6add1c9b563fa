import type { Commit } from './Commit.ts'
import type { FileEntry } from './FileEntry.ts'

/** The file at a path of a commit. Own properties only: a file may be called `constructor`. */
export function entryAt(commit: Commit, path: string): FileEntry | undefined {
  return Object.hasOwn(commit.files, path) ? commit.files[path] : undefined
}
