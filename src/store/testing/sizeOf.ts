import { systemClock } from '../../core/async.ts'
import { Folder } from '../folder.ts'
import { foldersOf } from './foldersOf.ts'
import { rootOf } from './rootOf.ts'

/** Bytes of a store's folders. */
export async function sizeOf(root: string): Promise<number> {
  let size = 0
  for (const name of await foldersOf(root)) {
    size += await new Folder(await rootOf(root), name, systemClock).size()
  }
  return size
}
