import type { FileEntry } from './FileEntry.ts'

/** A revision of a repository: complete, so that every older one stays readable by its id. */
export interface Commit {
  /** 40 hex. */
  readonly oid: string
  readonly parent: string | null
  readonly title: string
  /** ISO 8601. */
  readonly date: string
  /** By path. */
  readonly files: Readonly<Record<string, FileEntry>>
}
