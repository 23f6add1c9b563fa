import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

/**
 * Hashes files by name and content, so that a checkout or a copy with new timestamps counts as unchanged.
 *
 * @param root folder to which names are relative
 * @param paths files and folders below it; folders are read recursively
 * @param accept returns false for names to skip (with `/`, from the root)
 * @returns SHA-256 as hex
 * @throws when one of the paths does not exist
 */
export function hashFiles(
  root: string,
  paths: readonly string[],
  accept: (name: string) => boolean = () => true,
): string {
  const hash = createHash('sha256')
  for (const name of paths.flatMap((each) => filesIn(root, each)).toSorted()) {
    if (!accept(name)) continue
    const bytes = readFileSync(path.join(root, name))
    hash.update(`${name}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

function filesIn(root: string, name: string): string[] {
  if (!statSync(path.join(root, name)).isDirectory()) return [name]
  return readdirSync(path.join(root, name)).flatMap((child) => filesIn(root, `${name}/${child}`))
}
