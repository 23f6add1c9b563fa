import { ByteSet } from '../core/ByteSet.ts'
import type { Block } from '../reconstruction/Block.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import type { Store } from '../store/Store.ts'
import type { Ledger } from './Ledger.ts'
import { planReuse, type Stretch } from './planReuse.ts'
import type { TransferTools } from './TransferTools.ts'

/** Bytes read at once: all that is held in memory, whatever the size of a run. */
const stretchLength = 4 * 2 ** 20

/** What chunks are copied with; the signal ends it between two reads. */
interface ReuseTools extends Pick<TransferTools, 'hasher'> {
  readonly store: Pick<Store, 'chunksOf' | 'peek'>
  readonly signal?: AbortSignal
}

/**
 * Copies chunks of a block that are already on the device, in other files or elsewhere in this one, so that only the rest is fetched.
 * Every chunk is hashed as it is read; from the first one that is damaged, the rest is left to the network.
 *
 * @returns bytes that were copied
 */
export async function reuseChunks(
  { range, runs }: Pick<Block, 'range' | 'runs'>,
  ledger: Ledger,
  file: PartialFile,
  tools: ReuseTools,
): Promise<number> {
  let copied = 0
  for (const run of runs) {
    const here = { start: run.offset, end: run.offset + run.length }
    if (run.xorb === '' || ledger.held.covers(here)) continue
    const chunks = new Map(
      (await tools.store.chunksOf(run.xorb)).map((chunk) => [chunk.chunk, chunk]),
    )
    const plan = planReuse(run, range, chunks, new ByteSet(ledger.held.ranges), stretchLength)
    for (const side of [plan.front, plan.back]) {
      for (const stretch of side) {
        tools.signal?.throwIfAborted()
        if (!(await copy(stretch, run.xorb, ledger, file, tools))) break
        copied += stretch.source.end - stretch.source.start
      }
    }
  }
  return copied
}

/** @returns false, with nothing written, when a chunk is not what it should be */
async function copy(
  { content, source, chunk, offset, rows }: Stretch,
  xorb: string,
  ledger: Ledger,
  file: PartialFile,
  { store, hasher }: ReuseTools,
): Promise<boolean> {
  const bytes = await store.peek(content, source)
  if (bytes === undefined) return false
  let at = 0
  for (const { hash, length } of rows) {
    const seen = hasher.chunk(bytes.subarray(at, at + length))
    if (!seen.every((byte, index) => byte === hash[index])) return false
    at += length
  }
  await file.write(offset, bytes)
  const run = { xorb, chunk, offset, rows }
  await file.commit(run)
  ledger.add(run)
  return true
}
