import type { ChunkRow } from '../codec/ChunkRow.ts'
import type { Block } from '../reconstruction/Block.ts'
import type { Run } from '../reconstruction/Run.ts'
import type { HeldChunk } from '../store/HeldChunk.ts'
import type { JournalRun } from '../store/JournalRun.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import type { Ledger } from './Ledger.ts'
import type { TransferTools } from './TransferTools.ts'

/**
 * Copies chunks of a block that other files on the device already hold, so that only the rest is fetched.
 * A reconstruction does not tell chunk lengths: from either end of a run, chunks have a known place up to
 * the first one that is not here.
 *
 * @returns bytes that were copied
 */
export async function reuseChunks(
  { runs }: Block,
  ledger: Ledger,
  file: PartialFile,
  tools: Pick<TransferTools, 'store' | 'hasher'>,
): Promise<number> {
  let copied = 0
  for (const run of runs) {
    const range = { start: run.offset, end: run.offset + run.length }
    if (run.xorb === '' || ledger.held.covers(range)) continue
    const held = new Map(
      (await tools.store.chunksOf(run.xorb)).map((chunk) => [chunk.chunk, chunk]),
    )
    if (held.size === 0) continue
    const front = await copyFrom(run, 'front', { held, file, tools })
    if (front) ledger.add(front)
    copied += lengthOf(front)
    if (lengthOf(front) === run.length) continue
    const back = await copyFrom(run, 'back', { held, file, tools })
    if (back) ledger.add(back)
    copied += lengthOf(back)
  }
  return copied
}

interface Copying {
  readonly held: ReadonlyMap<number, HeldChunk>
  readonly file: PartialFile
  readonly tools: Pick<TransferTools, 'store' | 'hasher'>
}

async function copyFrom(
  { xorb, chunks, offset, length }: Run,
  side: 'front' | 'back',
  { held, file, tools }: Copying,
): Promise<JournalRun | undefined> {
  const found: { row: ChunkRow; bytes: Uint8Array }[] = []
  const [first, step] = side === 'front' ? [chunks.start, 1] : [chunks.end - 1, -1]
  let sum = 0
  for (let index = first; index >= chunks.start && index < chunks.end; index += step) {
    const chunk = held.get(index)
    const bytes = chunk && (await readChunk(chunk, tools))
    if (!bytes || !chunk) break
    found.push({ row: { hash: chunk.hash, length: chunk.length }, bytes })
    sum += chunk.length
  }
  if (found.length === 0 || sum > length) return undefined
  if (side === 'back') found.reverse()
  const start = side === 'front' ? offset : offset + length - sum
  let at = start
  for (const { bytes } of found) {
    await file.write(at, bytes)
    at += bytes.length
  }
  const run: JournalRun = {
    xorb,
    chunk: side === 'front' ? chunks.start : chunks.end - found.length,
    offset: start,
    rows: found.map(({ row }) => row),
  }
  await file.commit(run)
  return run
}

async function readChunk(
  { content, offset, length, hash }: HeldChunk,
  { store, hasher }: Copying['tools'],
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = await store.peek(content, { start: offset, end: offset + length })
  if (!bytes) return undefined
  const seen = hasher.chunk(bytes)
  return seen.every((byte, at) => byte === hash[at]) ? bytes : undefined
}

function lengthOf(run: JournalRun | undefined): number {
  return run?.rows.reduce((sum, { length }) => sum + length, 0) ?? 0
}
