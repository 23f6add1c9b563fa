import type { LimitStore } from '../limit-store.ts'

/** Faults and delays of a {@link remoteStore}. */
export interface Network {
  /** Waits for as long as a message takes. */
  readonly travel: () => Promise<void>
  /** How the next calls end: `lost` before it reaches the store, `hangs` without an answer. Empty: no faults. */
  readonly troubles: ('ok' | 'lost' | 'hangs')[]
}

/** A store behind a network that delays, reorders, loses and hangs. */
export function remoteStore(store: LimitStore, { travel, troubles }: Network): LimitStore {
  const call = async <T>(work: () => T | Promise<T>): Promise<T> => {
    const trouble = troubles.shift() ?? 'ok'
    await travel()
    if (trouble === 'lost') throw new Error('The network is down.')
    if (trouble === 'hangs') await new Promise(() => undefined)
    const reply = await work()
    await travel()
    return reply
  }
  return {
    capabilities: { ...store.capabilities, distributed: true },
    reserve: (key, request, now) => call(() => store.reserve(key, request, now)),
    cancel: (id) => call(() => store.cancel(id)),
    acquire: (key, request, now) => call(() => store.acquire(key, request, now)),
    renew: (id, leaseMs) => call(() => store.renew(id, leaseMs)),
    release: (id) => call(() => store.release(id)),
    stats: (key) => call(() => store.stats(key)),
    sweep: (now) => call(() => store.sweep(now)),
  }
}
