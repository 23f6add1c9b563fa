import { FerryError } from '../core/index.ts'
import { Folder } from './folder.ts'
import { claimable, evict, sweepRoom } from './quota.ts'
import { executeQuotaErrorCallbacks } from 'workbox-core/_private/executeQuotaErrorCallbacks.js'
import type { StoreParts } from './room.ts'

/** Space for journals, catalog and the browser's overhead. */
const spareBytes = 8 * 1024 * 1024

/** Frees space for a transfer. See `Store.reserve`. */
export async function reserveRoom(
  room: StoreParts,
  bytes: number,
  content: string,
): Promise<readonly string[]> {
  if ((await lacking(room, bytes, content)) <= 0) return []
  await sweepRoom(room)
  await executeQuotaErrorCallbacks()
  const need = await lacking(room, bytes, content)
  if (need <= 0) return []
  const { files } = await room.catalog.contents()
  const now = room.clock.now()
  const busy = new Set([...(await atWork(room)), content])
  const chosen = evict({ files, need, now, busy })
  if (chosen === undefined) throw noRoom(bytes, need)
  for (const { content: leaving, name } of chosen) {
    await room.catalog.updateFile(leaving, now, () => undefined)
    // No response can still be reading this file, so its bytes are deleted at once.
    if (await new Folder(room.root, name, room.clock).remove()) await room.catalog.forget(name)
  }
  const still = await lacking(room, bytes, content)
  if (still > 0) throw noRoom(bytes, still)
  return chosen.map((file) => file.content)
}

/** Missing space; the unwritten bytes of other started files count as used. */
async function lacking(room: StoreParts, bytes: number, content: string): Promise<number> {
  const { usage = 0, quota = Infinity } = await room.estimate()
  const writing = await atWork(room)
  const { files } = await room.catalog.contents()
  let promised = bytes
  for (const file of files.filter(({ state }) => state === 'partial')) {
    const own = file.content === content
    if (!own && !writing.has(file.content)) continue
    const size = await new Folder(room.root, file.name, room.clock).size().catch(() => 0)
    // A file that is written in place has claimed its whole size already.
    if (!own) promised += Math.max(0, file.size - size)
    else if (room.driver === 'sync') promised -= Math.min(bytes, Math.max(0, size - file.held))
  }
  const wanted = promised + spareBytes
  return Math.max(
    usage + wanted - quota,
    wanted - (await room.root.run((root) => claimable(root, wanted))),
  )
}

/** Content ids that are being written, or read piece by piece. */
async function atWork(room: StoreParts): Promise<ReadonlySet<string>> {
  const { held = [] } = await navigator.locks.query()
  const names = new Set(held.map((lock) => lock.name))
  const { files } = await room.catalog.contents()
  return new Set(
    files
      .map((file) => file.content)
      .filter((each) => names.has(room.lockName(each)) || names.has(room.holdName(each))),
  )
}

function noRoom(bytes: number, need: number): FerryError {
  return new FerryError(
    'quota',
    `There is no room for ${bytes} bytes: ${need} more are needed, and no stored file may be evicted for them. Remove or unpin files, or free disk space.`,
  )
}
