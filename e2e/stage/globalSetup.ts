import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fillLibrary } from './fillLibrary.ts'
import { libraryPath } from './libraryPath.ts'

/**
 * Fills the library once for all workers, because uploads are most of the work. With STAGE_LIBRARY set, that folder
 * is used, filled if it is empty, and kept: for repeated runs of single tests.
 */
export default async function fillOnce(): Promise<() => Promise<void>> {
  const kept = process.env['STAGE_LIBRARY'] !== undefined
  process.env['STAGE_LIBRARY'] ??= await mkdtemp(join(tmpdir(), 'modelferry-e2e-'))
  const { root, folder, list } = libraryPath()
  if (!existsSync(list)) {
    await mkdir(folder, { recursive: true })
    await writeFile(list, JSON.stringify(await fillLibrary(folder)))
  }
  return async () => {
    if (!kept) await rm(root, { recursive: true, force: true })
  }
}
