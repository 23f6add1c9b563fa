import { Folder } from './Folder.ts'
import { isOwnName } from './isOwnName.ts'
import type { StoreRoom } from './StoreRoom.ts'

/** An answer made from a removed file may still read it this long. */
const answerMs = 10 * 60_000
/** Beyond this share of the quota, room is worth more than an answer that is probably over. */
const tightShare = 0.9

/**
 * Deletes bytes of this release's making that nobody knows, and those of files that were removed long enough ago,
 * or, when room is tight, at all. What another realm has open stays for the next time.
 */
export async function sweepRoom(room: StoreRoom): Promise<void> {
  const { root, catalog, clock } = room
  // Folders are listed before the catalog is read: a folder made in between is in the catalog already.
  const folders: string[] = []
  for await (const name of root.keys()) if (isOwnName(name)) folders.push(name)
  const { files, gone } = await catalog.contents()
  const known = new Set([...files, ...gone].map(({ name }) => name))
  const { usage = 0, quota = Infinity } = await room.estimate()
  const tight = usage > quota * tightShare
  const due = gone.filter(({ at }) => tight || clock.now() - at > answerMs).map(({ name }) => name)
  for (const name of [...folders.filter((folder) => !known.has(folder)), ...due]) {
    if (await new Folder(root, name, clock).remove()) await catalog.forget(name)
  }
}
