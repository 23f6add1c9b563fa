import type { HeldChunk } from './HeldChunk.ts'
import type { JournalRun } from './JournalRun.ts'

/** The chunks of a committed run, each with its place in the file. */
export function chunksOfRun(content: string, { chunk, offset, rows }: JournalRun): HeldChunk[] {
  let at = offset
  return rows.map(({ hash, length }, index) => {
    const held = { content, chunk: chunk + index, offset: at, length, hash }
    at += length
    return held
  })
}
