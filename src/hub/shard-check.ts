// Checks an uploaded shard against the stored xorbs that its uploader may use.

import { type ChunkRow, hashToHex, hexToHash, merkleSteps, rangeHash } from '../codec/index.ts'
import { pacer, turn } from './pacing.ts'
import { HubRefusal } from './refusals.ts'
import { readFileBytes } from './xorbs.ts'
import { createHash } from 'node:crypto'
import type { HubContext } from './context.ts'
import type { StoredFile, StoredXorb } from './content.ts'
import type { Shard, ShardFile } from './shard.ts'

type Parts = Pick<HubContext, 'hasher' | 'objects' | 'xorbs'>

/** About 64 GB of files. */
const MOST_CHUNKS_OF_FILE = 1 << 20
/** A small shard can refer to the same chunks many times, and each reference costs work. */
const MOST_REPEATS = 8
const FREE_REPEATS = 8192

/**
 * Compares a shard with the stored xorbs.
 *
 * @param hub dependencies of handlers
 * @param shard as received
 * @param mayName whether the uploader may use a xorb; other xorbs count as absent
 * @returns its files in their stored form
 * @throws HubRefusal 400 that names the fault, 413 for more work than the upload justifies; it contains no hash that the
 *   uploader has not sent
 */
export async function checkShard(
  hub: Parts,
  shard: Shard,
  mayName: (xorb: string) => Promise<boolean>,
): Promise<StoredFile[]> {
  const named = await findNamed(hub, shard, mayName)
  await checkXorbs(shard, named)
  const files: StoredFile[] = []
  for (const file of shard.files) files.push(await checkShardFile(hub, file, named))
  return files
}

/** The xorbs of a shard, after its work was compared with the size of the upload. */
async function findNamed(
  { xorbs }: Parts,
  shard: Shard,
  mayName: (xorb: string) => Promise<boolean>,
): Promise<Map<string, StoredXorb | undefined>> {
  const named = new Map<string, StoredXorb | undefined>()
  const pause = pacer()
  let chunks = 0
  let distinct = 0
  const find = async (hash: string): Promise<void> => {
    if (pause.due()) await pause.now()
    if (named.has(hash)) return
    // Most invented hashes are absent from memory, so the disk is not read for them.
    const xorb = xorbs.get(hash)
    const found = xorb !== undefined && (await mayName(hash)) ? xorb : undefined
    named.set(hash, found)
    distinct += found?.chunks.length ?? 0
  }
  for (const { terms } of shard.files) {
    for (const { xorb, start, end } of terms) {
      await find(xorb)
      chunks += end - start
    }
  }
  const most = Math.min(MOST_CHUNKS_OF_FILE, FREE_REPEATS + MOST_REPEATS * distinct)
  if (chunks > most) {
    throw new HubRefusal(
      413,
      `The files of this shard may have ${most} chunks, these have ${chunks}. Send fewer files at once.`,
    )
  }
  for (const { hash } of shard.xorbs) await find(hash)
  return named
}

async function checkXorbs(
  { xorbs }: Shard,
  named: ReadonlyMap<string, StoredXorb | undefined>,
): Promise<void> {
  const pause = pacer()
  for (const { hash, chunks } of xorbs) {
    const stored = named.get(hash)
    if (stored === undefined) {
      throw new HubRefusal(400, `The shard lists xorb ${hash}, which was not uploaded.`)
    }
    let same = chunks.length === stored.chunks.length
    for (const [index, { hash, length }] of chunks.entries()) {
      if (!same) break
      if (pause.due()) await pause.now()
      const known = stored.chunks[index]!
      same = hash === known.hash && length === known.length
    }
    if (!same) {
      throw new HubRefusal(400, `The shard lists other chunks for xorb ${hash} than it has.`)
    }
  }
}

/** A term's range hash proves that the uploader knows its chunks; without it, guessed xorb hashes would be enough. */
async function checkShardFile(
  hub: Parts,
  given: ShardFile,
  named: ReadonlyMap<string, StoredXorb | undefined>,
): Promise<StoredFile> {
  const rows: ChunkRow[] = []
  const pause = pacer()
  let size = 0
  for (const [index, term] of given.terms.entries()) {
    const refuse = (why: string): HubRefusal =>
      new HubRefusal(400, `Term ${index} of file ${given.hash} ${why}.`)
    const xorb = named.get(term.xorb)
    if (xorb === undefined) throw refuse(`names xorb ${term.xorb}, which was not uploaded`)
    if (term.end > xorb.chunks.length) {
      throw refuse(`ends at chunk ${term.end} of a xorb that has fewer`)
    }
    if (term.rangeHash === undefined) throw refuse('has no range hash')
    const hashes: Uint8Array[] = []
    let length = 0
    for (let at = term.start; at < term.end; at++) {
      if (pause.due()) await pause.now()
      const chunk = xorb.chunks[at]!
      const hash = hexToHash(chunk.hash)
      hashes.push(hash)
      rows.push({ hash, length: chunk.length })
      length += chunk.length
    }
    if (length !== term.length) {
      throw refuse(`claims ${term.length} bytes, which its chunks do not have`)
    }
    if (term.rangeHash !== rangeHash(hashes, hub.hasher)) {
      throw refuse('has a range hash that is not that of its chunks')
    }
    size += length
  }
  if ((await pacedFileHash(rows, hub)) !== given.hash) {
    throw new HubRefusal(400, `File ${given.hash} does not hash to that.`)
  }
  const terms = given.terms.map(({ xorb, start, end, length }) => ({ xorb, start, end, length }))
  const file = { hash: given.hash, size, terms }
  if (given.sha256 === undefined) return file
  await checkSha256(hub, file, given.sha256)
  return { ...file, sha256: given.sha256 }
}

async function pacedFileHash(rows: readonly ChunkRow[], { hasher }: Parts): Promise<string> {
  const steps = merkleSteps(rows, hasher)
  for (;;) {
    const { done, value } = steps.next()
    if (done === true) return hashToHex(rows.length === 0 ? value : hasher.file(value))
    await turn()
  }
}

/** Only the bytes prove it, and a wrong SHA-256 would fail every later download that checks it. */
async function checkSha256(hub: Parts, file: StoredFile, claimed: string): Promise<void> {
  if ((await hub.objects.large(claimed))?.xetHash === file.hash) return
  const sha = createHash('sha256')
  for await (const bytes of readFileBytes(hub.xorbs, file, { start: 0, end: file.size })) {
    sha.update(bytes)
  }
  const actual = sha.digest('hex')
  if (actual !== claimed) {
    throw new HubRefusal(
      400,
      `File ${file.hash} was announced with SHA-256 ${claimed}, but its bytes do not hash to that.`,
    )
  }
}
