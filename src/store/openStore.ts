import { chooseDriver } from './chooseDriver.ts'
import { ChunkIndex } from './ChunkIndex.ts'
import { JournalReader } from './JournalReader.ts'
import { OpfsStore } from './OpfsStore.ts'
import { openShelfRoom } from './openShelfRoom.ts'
import type { Store } from './Store.ts'
import type { StoreOptions } from './StoreOptions.ts'

/**
 * Opens the store of this origin. Any number of realms may have it open at a time.
 *
 * @throws FerryError `unsupported` without OPFS, saying what to change
 * @example
 * const store = await openStore({ hasher: await createHasher() })
 * await store.sweep()
 * const file = await store.file(info.content)
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const name = options.root ?? 'modelferry'
  const room = await openShelfRoom(name, options.clock)
  return new OpfsStore({
    ...room,
    driver: await chooseDriver(room.root, options.driver),
    chunks: new ChunkIndex(name),
    journals: new JournalReader(),
    hasher: options.hasher,
    estimate: options.estimate ?? estimate,
    lockName: (content) => `${name}:file:${content}`,
    channelName: `${name}:beats`,
  })
}

/** Safari before 17 does not tell. */
async function estimate(): Promise<StorageEstimate> {
  const storage: Partial<StorageManager> = navigator.storage
  return (await storage.estimate?.()) ?? {}
}
