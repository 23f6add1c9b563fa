import type { Clock } from '../core/Clock.ts'
import { systemClock } from '../core/systemClock.ts'
import { Branches } from './Branches.ts'
import { Catalog } from './Catalog.ts'
import { openRoot } from './openRoot.ts'
import type { StoreRoom } from './StoreRoom.ts'

/**
 * What a {@link Shelf} reads from.
 *
 * @param name folder in OPFS, also the first part of the databases' names
 * @throws FerryError `unsupported` without OPFS, saying what to change
 */
export async function openShelfRoom(
  name: string = 'modelferry',
  clock: Clock = systemClock,
): Promise<Pick<StoreRoom, 'root' | 'catalog' | 'branches' | 'clock'>> {
  const root = await openRoot(name)
  return { root, catalog: new Catalog(name), branches: new Branches(name), clock }
}
