import type { ByteRange } from '../core/ByteRange.ts'
import { openShelfRoom } from './openShelfRoom.ts'
import { Shelf } from './Shelf.ts'
import type { Store } from './Store.ts'

/**
 * Opens the shelf of this origin, for a realm that has no hashes at hand.
 *
 * @param store opens the whole store, for bytes that have to be hashed before they are shown; where it fails they
 *   are not shown, until their file is whole
 * @throws FerryError `unsupported` without OPFS, saying what to change
 */
export async function openShelf(store: () => Promise<Pick<Store, 'peek'>>): Promise<Shelf> {
  class OpenShelf extends Shelf {
    async peek(content: string, range: ByteRange): Promise<Uint8Array<ArrayBuffer> | undefined> {
      const whole = await store().catch(() => undefined)
      return await whole?.peek(content, range)
    }
  }
  return new OpenShelf(await openShelfRoom())
}
