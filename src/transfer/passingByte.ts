import type { Clock } from '../core/Clock.ts'
import type { Store } from '../store/Store.ts'
import type { SourceOptions } from './FileSource.ts'
import type { Load } from './Load.ts'

/**
 * How long a probe that has time waits for its byte to come by, milliseconds. Libraries that ask for sizes load the files
 * right after, and leave the body of the probe unread without cancelling it: nothing tells them from one who
 * waits for the byte.
 */
const passingMs = 5000
/** Time between two looks, milliseconds. */
const lookMs = 250

/** Where a byte may come from without a request of its own. */
export interface Passing {
  readonly store: Pick<Store, 'peek'>
  readonly clock: Clock
  /** The load of the file that runs in this realm now; those of others show in the store. */
  readonly load: () => Load | undefined
}

/**
 * The first byte of a file, from the device or from a load that begins meanwhile.
 *
 * @param content of a file that is not empty
 * @returns undefined when nobody loads the file for a while, and at once where the asker is in a hurry
 * @throws what the load fails with; the signal's reason
 */
export async function passingByte(
  { store, clock, load }: Passing,
  content: string,
  { signal, hurry }: Pick<SourceOptions, 'signal' | 'hurry'>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  for (let waited = 0; ; waited += lookMs) {
    const held = await store.peek(content, { start: 0, end: 1 })
    if (held) return held
    if (hurry) return undefined
    const running = load()
    if (running && !running.ended) return await byteOf(running, signal)
    if (waited >= passingMs) return undefined
    await clock.sleep(lookMs, signal)
  }
}

async function byteOf(
  load: Load,
  signal: AbortSignal | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const demand = load.join()
  try {
    await demand.until(0, signal)
    return await demand.read(0, 1)
  } finally {
    demand.release()
  }
}
