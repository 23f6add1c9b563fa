import { createStore, get, update } from 'idb-keyval'
import type { UseStore } from 'idb-keyval'
import { withTimeout } from '../core/withTimeout.ts'
import type { Pause } from '../net/Pause.ts'

/** Opening a database can hang in some browsers; no request waits longer for news of other realms. */
const patienceMs = 1000

/** Where realms that begin later learn which servers want to be left alone. */
export interface KeptPauses {
  readonly keep: (pause: Pause) => Promise<void>
  /** @throws what IndexedDB fails with */
  readonly recall: () => Promise<readonly Pause[]>
}

/**
 * The last pauses that this device was asked for, in IndexedDB. Where that fails, a new realm has to be told
 * by the servers themselves.
 *
 * @param database name; another one only for tests
 */
export function keptPauses(database: string = 'modelferry-pauses'): KeptPauses {
  let opened: UseStore | undefined
  const store = (): UseStore => (opened ??= createStore(database, 'pauses'))
  const recall = async (): Promise<readonly Pause[]> =>
    (await withTimeout(get<readonly Pause[]>('all', store()), patienceMs, 'No pauses in time.')) ??
    []
  return {
    recall,
    keep: (pause) =>
      update<readonly Pause[]>(
        'all',
        (kept = []) => [
          ...kept.filter(({ origin, until }) => origin !== pause.origin && until > Date.now()),
          pause,
        ],
        store(),
      ),
  }
}
