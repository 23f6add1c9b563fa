import { chunksOfRun } from './chunksOfRun.ts'
import type { ChunkIndex } from './ChunkIndex.ts'
import type { HeldChunk } from './HeldChunk.ts'
import type { JournalRun } from './JournalRun.ts'

/** Looks a xorb's chunks up in the journals the index names; names that lead nowhere are struck out. */
export async function heldChunks(
  index: ChunkIndex,
  xorb: string,
  journal: (content: string) => Promise<readonly JournalRun[]>,
): Promise<readonly HeldChunk[]> {
  const chunks: HeldChunk[] = []
  for (const content of await index.contents(xorb)) {
    const runs = (await journal(content)).filter((run) => run.xorb === xorb)
    if (runs.length === 0) await index.remove([xorb], content)
    for (const run of runs) chunks.push(...chunksOfRun(content, run))
  }
  return chunks
}
