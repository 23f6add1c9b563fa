import type { Store } from '../store/Store.ts'

/**
 * What a loader does at its start, behind everything else: deletes bytes nobody knows, and makes one file of
 * the piece files that a service worker without a loader left.
 */
export async function tidy(store: Store): Promise<void> {
  await store.sweep()
  for (const { content, state, parts } of await store.files()) {
    if (state !== 'complete' || parts.length < 2) continue
    await store.lock(content, { ifAvailable: true }, (signal) => store.merge(content, signal))
  }
}
