import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** A file that a build copies as it is. */
export interface CopiedFile {
  /** Below the folder, with slashes. */
  readonly name: string
  /** Bytes. */
  readonly size: number
}

/** @param folder of the files, need not exist; empty: there is none */
export function copiedFiles(folder: string): CopiedFile[] {
  if (folder === '' || !existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name)
      return { name: relative(folder, file).split(sep).join('/'), size: statSync(file).size }
    })
}
