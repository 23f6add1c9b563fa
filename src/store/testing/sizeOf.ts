import { systemClock } from '../../core/async.ts'
import { Folder, Root } from '../folder.ts'
import { foldersOf } from './foldersOf.ts'

/** Bytes of a store's folders. */
export async function sizeOf(root: string): Promise<number> {
  let size = 0
  for (const name of await foldersOf(root)) {
    size += await new Folder(new Root(root), name, systemClock).size()
  }
  return size
}
