import type { JournalRun } from '../runs.ts'
import type { PartialFile } from '../store.ts'
import { runLength } from '../runs.ts'
import type { Model } from './makeModel.ts'

/** Writes and commits one run like the engine: in a few steps, then the commit. */
export async function writeRun(
  partial: PartialFile,
  model: Model,
  run: JournalRun,
  step = 100_000,
): Promise<void> {
  const end = run.offset + runLength(run)
  for (let at = run.offset; at < end; at += step) {
    await partial.write(at, model.bytes.subarray(at, Math.min(at + step, end)))
  }
  await partial.commit(run)
}
