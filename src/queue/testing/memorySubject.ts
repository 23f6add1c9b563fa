import { createMemoryStore } from '../memory-store.ts'
import type { LimitStoreSubject } from '../conformance/reservation-cases.ts'
import { manualClock } from './manualClock.ts'

/** A memory store with a clock that can be set. */
export function memorySubject(): LimitStoreSubject {
  const clock = manualClock()
  return { store: createMemoryStore({ clock }), now: () => clock.now(), pass: clock.pass }
}
