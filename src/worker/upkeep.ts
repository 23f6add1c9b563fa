// What a loader does in the background while its page is open: it frees room, merges piece files, and checks stored
// files for damage. The loader starts it and ends it.
import { type CachedResponses, reopenDamaged, tidy } from './device.ts'
import { hashesIn } from '../address/index.ts'
import { mostCompared } from '../transfer/index.ts'
import type { Clock } from '../core/index.ts'
import type { Store, StoredFile, Verification } from '../store/index.ts'

/** Time between two searches for bytes that can be deleted, milliseconds. */
const sweepMs = 60_000
/** Delay after the start, milliseconds: the page's first requests use the same databases. */
const quietMs = 2000
/** Share of one processor core that the check may take. */
const checkShare = 0.1
/** A file that was checked so recently is not checked again by the next page, milliseconds. */
const recentMs = 10 * 60_000

/** Dependencies of {@link runUpkeep}. */
export interface UpkeepTools {
  readonly store: Store
  readonly answers: CachedResponses
  readonly clock: Clock
  /** Whether files are being loaded: then the check waits. */
  readonly busy: () => boolean
  /** Called for a file whose stored bytes were damaged, or are those of another file. */
  readonly damaged: (file: StoredFile, found: Verification) => void
}

/**
 * Runs until the signal is aborted. It sweeps and merges first, and then checks each file once. After that it sweeps
 * regularly, and checks large files that were loaded meanwhile.
 *
 * @throws the signal's reason
 */
export async function runUpkeep(tools: UpkeepTools, signal: AbortSignal): Promise<void> {
  const { store, answers, clock } = tools
  await clock.sleep(quietMs, signal)
  await tidy(store, answers, clock.now()).catch(() => undefined)
  for (let choose = filesToCheck; ; choose = filesToCompare) {
    void checkAtRest(tools, choose, signal).catch(() => undefined)
    await clock.sleep(sweepMs, signal)
    await store.sweep().catch(() => undefined)
  }
}

/**
 * The files to hash again, the one whose last check is the oldest first. A file whose hash is not known can have
 * changed unnoticed before it was stored: there is nothing to compare with.
 *
 * @param now epoch milliseconds
 */
export function filesToCheck(files: readonly StoredFile[], now: number): readonly StoredFile[] {
  return files
    .filter(({ state, proof }) => state === 'complete' && (proof === 'xet' || proof === 'sha256'))
    .filter(({ checkedAt = 0 }) => Math.abs(now - checkedAt) > recentMs)
    .toSorted((a, b) => (a.checkedAt ?? 0) - (b.checkedAt ?? 0))
}

/** The files whose SHA-256 is announced beside their Xet hash, and was not compared when they were loaded. */
export function filesToCompare(files: readonly StoredFile[], now: number): readonly StoredFile[] {
  return filesToCheck(files, now).filter(
    ({ content, size, proof, checkedAt }) =>
      size > mostCompared &&
      proof === 'xet' &&
      checkedAt === undefined &&
      hashesIn(content).sha256 !== undefined,
  )
}

/**
 * Hashes stored files again, at a tenth of one core, while nothing is loaded. Only one page of the origin does so at a
 * time. A damaged file becomes an unfinished one: the next request fetches the damaged chunks before it is answered.
 */
async function checkAtRest(
  { store, clock, busy, damaged }: UpkeepTools,
  choose: typeof filesToCheck,
  signal: AbortSignal,
): Promise<void> {
  const pause = async (ms: number): Promise<void> => {
    await clock.sleep(ms / checkShare - ms, signal)
    while (busy()) await clock.sleep(quietMs, signal)
  }
  await navigator.locks.request('modelferry:check', { ifAvailable: true }, async (lock) => {
    if (lock === null) return
    for (const file of choose(await store.files(), clock.now())) {
      await pause(0)
      const found = await store.verify(file.content, { signal, pause })
      if (found === undefined || found.intact) continue
      await reopenDamaged(store, file.content, found)
      if (!found.gone) damaged(file, found)
    }
  })
}
