import type { Clock } from '../../core/Clock.ts'
import { systemClock } from '../../core/systemClock.ts'
import type { HeldFile } from '../../protocol/HeldFile.ts'
import type { CopyPlaces } from './CopyPlaces.ts'
import { findCopies } from './findCopies.ts'
import type { KeptCopy } from '../../protocol/KeptCopy.ts'
import { platformPlaces } from './platformPlaces.ts'

/**
 * How old a copy has to be, milliseconds. web-llm adds an entry, asks for it at once, and fails when it is
 * gone; whoever got hold of an entry may read it to its end, removed or not.
 */
const settleMs = 2000

/** What is asked of the loader. */
interface Holder {
  files(): Promise<readonly HeldFile[]>
  holds(url: string): Promise<boolean>
}

/**
 * Removes copies that were there two seconds ago, are still there, and are of a file whose bytes are at hand.
 *
 * @param holder of the files
 * @param signal ends the wait and what would follow it
 * @param places the platform's, except in tests
 * @returns what was removed
 */
export async function removeCopies(
  holder: Holder,
  signal?: AbortSignal,
  places: CopyPlaces = platformPlaces(),
  clock: Pick<Clock, 'sleep'> = systemClock,
): Promise<readonly KeptCopy[]> {
  const removable = async (): Promise<readonly KeptCopy[]> =>
    (await findCopies(await holder.files(), places)).filter((copy) => copy.removable)
  const before = await removable()
  if (before.length === 0) return []
  await clock.sleep(settleMs, signal)
  const removed: KeptCopy[] = []
  for (const copy of await removable()) {
    const { url, place } = copy
    signal?.throwIfAborted()
    if (!before.some((old) => old.url === url && old.place === place)) continue
    if (!(await holder.holds(url))) continue
    if (await (await places.caches.open(place)).delete(url)) removed.push(copy)
  }
  return removed
}
