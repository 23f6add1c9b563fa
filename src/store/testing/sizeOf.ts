import { systemClock } from '../../core/async.ts'
import { Folder, Root } from '../folder.ts'
import { foldersOf } from './foldersOf.ts'

/** Bytes of a store's folders. */
export async function sizeOf(root: string): Promise<number> {
  let size = 0
  for (const name of await foldersOf(root)) {
    size += await new Folder({ root: new Root(root), clock: systemClock }, name).size()
  }
  return size
}
