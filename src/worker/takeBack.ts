import type { Store } from '../store/Store.ts'

/**
 * Makes a damaged file one that is on its way: it is served no more, what of it is intact stays, and whoever
 * asks for it next gets the rest fetched.
 */
export async function takeBack(store: Store, content: string): Promise<void> {
  await store.lock(content, {}, async (signal) => {
    const entry = await store.entry(content)
    if (entry === undefined) return
    const file = await store.begin(content, entry.size, { heal: true, signal })
    await file.close()
  })
}
