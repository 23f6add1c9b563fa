// Whether a file of an uploaded shard is what it claims to be, by the xorbs that are stored.

import { type ChunkRow, fileHash, hexToHash, rangeHash } from '../codec/index.ts'
import { HubRefusal } from './refusals.ts'
import { readFileBytes } from './xorbs.ts'
import { createHash } from 'node:crypto'
import type { HubContext, StoredFile } from './context.ts'
import type { ShardFile } from './shard.ts'

/**
 * Holds what a shard says of a file against the xorbs that are stored.
 *
 * @param hub what handlers use
 * @param given the file as the shard states it; its chunks were counted by the caller
 * @returns the file as it is kept
 * @throws HubRefusal 400 that names the term and what is wrong with it
 */
export async function checkShardFile(
  hub: Pick<HubContext, 'hasher' | 'objects' | 'xorbs'>,
  given: ShardFile,
): Promise<StoredFile> {
  const rows: ChunkRow[] = []
  let size = 0
  for (const [index, term] of given.terms.entries()) {
    const refuse = (why: string): HubRefusal =>
      new HubRefusal(400, `Term ${index} of file ${given.hash} ${why}.`)
    const xorb = hub.xorbs.get(term.xorb)
    if (xorb === undefined) throw refuse(`names xorb ${term.xorb}, which was not uploaded`)
    if (term.end > xorb.chunks.length) {
      throw refuse(`ends at chunk ${term.end} of a xorb that has ${xorb.chunks.length}`)
    }
    const chunks = xorb.chunks.slice(term.start, term.end)
    const hashes = chunks.map((chunk) => hexToHash(chunk.hash))
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    if (length !== term.length) {
      throw refuse(`claims ${term.length} bytes, but its chunks have ${length}`)
    }
    if (term.rangeHash !== undefined && term.rangeHash !== rangeHash(hashes, hub.hasher)) {
      throw refuse('has a range hash that is not that of its chunks')
    }
    hashes.forEach((hash, at) => rows.push({ hash, length: chunks[at]!.length }))
    size += length
  }
  const actual = fileHash(rows, hub.hasher)
  if (actual !== given.hash) {
    throw new HubRefusal(
      400,
      `File ${given.hash} does not hash to that: its chunks give ${actual}.`,
    )
  }
  const terms = given.terms.map(({ xorb, start, end, length }) => ({ xorb, start, end, length }))
  const file = { hash: given.hash, size, terms }
  if (given.sha256 === undefined) return file
  await checkSha256(hub, file, given.sha256)
  return { ...file, sha256: given.sha256 }
}

/** Only the bytes themselves can tell, and a lie here would fail every later download that checks. */
async function checkSha256(
  hub: Pick<HubContext, 'objects' | 'xorbs'>,
  file: StoredFile,
  claimed: string,
): Promise<void> {
  if ((await hub.objects.large(claimed))?.xetHash === file.hash) return
  const sha = createHash('sha256')
  for await (const bytes of readFileBytes(hub.xorbs, file, { start: 0, end: file.size })) {
    sha.update(bytes)
  }
  const actual = sha.digest('hex')
  if (actual !== claimed) {
    throw new HubRefusal(
      400,
      `File ${file.hash} was announced with SHA-256 ${claimed}, but its bytes give ${actual}.`,
    )
  }
}
