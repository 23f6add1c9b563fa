import { ByteSet } from '../core/ByteSet.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { AskOptions } from '../reconstruction/AskOptions.ts'
import { firstBlocks } from './planBlocks.ts'
import { planReuse } from './planReuse.ts'
import { rangeOf } from './rangeOf.ts'
import type { TransferTools } from './TransferTools.ts'

/**
 * How many bytes of a file would have to be fetched: neither are they here, nor do other files hold their
 * chunks. Costs one reconstruction call for every 256 MB of a file on Xet that is not here.
 *
 * @throws as `Reconstructions.block`
 */
export async function missingBytes(
  { store, reconstructions }: Pick<TransferTools, 'store' | 'reconstructions'>,
  info: FileInfo,
  options: AskOptions,
): Promise<number> {
  const { content, size, xetHash } = info
  if ((await store.entry(content))?.state === 'complete') return 0
  const held = new ByteSet((await store.journal(content)).map(rangeOf))
  let here = held.size
  if (xetHash === undefined) return size - here
  for (const range of firstBlocks(size)) {
    if (held.covers(range)) continue
    const { runs } = await reconstructions.block(info, range, options)
    for (const run of runs) {
      const found = await store.chunksOf(run.xorb)
      const chunks = new Map(found.map((chunk) => [chunk.chunk, chunk]))
      const { front, back } = planReuse(run, range, chunks, held, Infinity)
      for (const { source } of [...front, ...back]) here += source.end - source.start
    }
  }
  return size - here
}
