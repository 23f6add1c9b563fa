import {
  type ChunkRow,
  decodeChunkPayload,
  fileHash,
  type Hasher,
  hashToHex,
  hexToHash,
  parseChunkHeader,
  rangeHash,
  xorbHash,
} from '../../codec/index.ts'
import { readBody } from '../body.ts'
import { HubRefusal, jsonAnswer } from '../refusals.ts'
import { openToken } from '../signing.ts'
import { receive } from '../storage/folder.ts'
import { parseRepoKey } from '../storage/repos.ts'
import { readFileBytes } from './chunks.ts'
import { parseShard, type ShardFile, type Shard } from './shard.ts'
import { createHash } from 'node:crypto'
import { open, rm } from 'node:fs/promises'
import type { StoredFile, HubContext, StoredChunk } from '../context.ts'

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

const LARGEST_SHARD = 64 * 1024 * 1024
/** About 64 GB of files: a few bytes of shard can name many chunks, and each costs work. */
const MOST_CHUNKS = 1 << 20

/**
 * Takes a shard in. Everything in it is checked before anything of it is kept.
 *
 * @param hub what handlers use
 * @param request body: the shard
 */
export async function putShard(hub: HubContext, request: Request): Promise<Response> {
  const shard = parseShard(await readBody(request, LARGEST_SHARD))
  const named = shard.files
    .flatMap((file) => file.terms)
    .reduce((sum, { start, end }) => sum + end - start, 0)
  if (named > MOST_CHUNKS) {
    throw new HubRefusal(
      413,
      `The files of one shard may have ${MOST_CHUNKS} chunks, these have ${named}.`,
    )
  }
  checkXorbs(hub, shard)
  const files: StoredFile[] = []
  for (const file of shard.files) files.push(await checkShardFile(hub, file))
  for (const file of files) await hub.objects.putFile(file)
  return jsonAnswer({ result: 1 })
}

function checkXorbs(hub: HubContext, shard: Shard): void {
  for (const { hash, chunks } of shard.xorbs) {
    const stored = hub.xorbs.get(hash)
    if (stored === undefined) {
      throw new HubRefusal(400, `The shard lists xorb ${hash}, which was not uploaded.`)
    }
    const same =
      chunks.length === stored.chunks.length &&
      chunks.every(({ hash, length }, index) => {
        const known = stored.chunks[index]!
        return hash === known.hash && length === known.length
      })
    if (!same) {
      throw new HubRefusal(400, `The shard lists other chunks for xorb ${hash} than it has.`)
    }
  }
}

const HEADER = 8
const LONGEST_RECORD = HEADER + 262_144
const MOST_XORB_CHUNKS = 8192
const FOOTER_TAG = new TextEncoder().encode('XETBLOB')

/**
 * Unpacks every record of an uploaded xorb and compares its hash. A footer behind the records is allowed and
 * ignored, as some writers add one.
 *
 * @param path of the upload
 * @param hash what the client calls it
 * @param hasher from `createHasher`
 * @returns what is in it
 * @throws HubRefusal 400 that says which record is wrong
 */
export async function checkXorb(
  path: string,
  hash: string,
  hasher: Hasher,
): Promise<StoredChunk[]> {
  const chunks: StoredChunk[] = []
  const rows: ChunkRow[] = []
  const file = await open(path, 'r')
  try {
    const buffer = new Uint8Array(LONGEST_RECORD)
    for (let offset = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, LONGEST_RECORD, offset)
      const ahead = buffer.subarray(0, bytesRead)
      if (bytesRead === 0 || isFooter(ahead)) break
      if (chunks.length === MOST_XORB_CHUNKS) {
        throw new HubRefusal(400, `A xorb may have at most ${MOST_XORB_CHUNKS} chunks.`)
      }
      const { stored, bytes } = unpack(ahead, chunks.length)
      const row = { hash: hasher.chunk(bytes), length: bytes.byteLength }
      rows.push(row)
      chunks.push({ hash: hashToHex(row.hash), offset, stored, length: row.length })
      offset += stored
    }
  } finally {
    await file.close()
  }
  const actual = xorbHash(rows, hasher)
  if (chunks.length === 0) throw new HubRefusal(400, 'The xorb holds no chunk.')
  if (actual !== hash) {
    throw new HubRefusal(
      400,
      `The xorb was announced as ${hash}, but its chunks hash to ${actual}.`,
    )
  }
  return chunks
}

function unpack(ahead: Uint8Array, index: number): { stored: number; bytes: Uint8Array } {
  try {
    const header = parseChunkHeader(ahead)
    const stored = HEADER + header.storedLength
    if (stored > ahead.byteLength) {
      throw new HubRefusal(400, `it needs ${stored} bytes, but only ${ahead.byteLength} are left.`)
    }
    return { stored, bytes: decodeChunkPayload(header, ahead.subarray(HEADER, stored)) }
  } catch (error) {
    // What follows the first sentence is advice for downloads.
    const [why] = (error as Error).message.split(/\.(?: |$)/, 1)
    throw new HubRefusal(400, `Record ${index} of the xorb is refused: ${why}.`)
  }
}

function isFooter(bytes: Uint8Array): boolean {
  return FOOTER_TAG.every((byte, index) => bytes[index] === byte)
}

const LARGEST_XORB = 64 * 1024 * 1024
/** 8192 hashes and twice as many offsets, with some room. */
const LARGEST_FOOTER = 512 * 1024

/**
 * Takes a xorb in: streamed to disk, every record unpacked, its hash compared, and only then kept.
 *
 * @param hub what handlers use
 * @param request body: chunk records
 * @param hash what the client calls it
 */
export async function putXorb(hub: HubContext, request: Request, hash: string): Promise<Response> {
  const limit = LARGEST_XORB + LARGEST_FOOTER
  const upload = await receive(request.body, hub.folder, limit)
  try {
    const chunks = await checkXorb(upload.path, hash, hub.hasher)
    const inserted = await hub.xorbs.put(hash, upload.path, chunks)
    return jsonAnswer({ was_inserted: inserted })
  } finally {
    await rm(upload.path, { force: true })
  }
}

/**
 * Lets only write tokens through.
 *
 * @param hub what handlers use
 * @param request its `Authorization` holds the CAS token
 * @throws HubRefusal 401 or 403
 */
export function requireWrite(hub: HubContext, request: Request): void {
  const token = openToken(hub.secrets, request.headers.get('authorization'), hub.clock.now())
  if (token.scope !== 'write') {
    throw new HubRefusal(403, 'This CAS token is for reading. Ask the hub for a write token.')
  }
}

/**
 * The file a CAS request is about, if its token reaches it: a read token opens what its repository holds, a
 * write token what any upload brought, since a file is not in a repository before it is committed.
 *
 * @param hub what handlers use
 * @param request its `Authorization` holds the CAS token
 * @param hash Xet file hash
 * @throws HubRefusal 401 for the token, 403 for its scope, 404 for the file
 */
export async function findFile(
  hub: HubContext,
  request: Request,
  hash: string,
): Promise<StoredFile> {
  const token = openToken(hub.secrets, request.headers.get('authorization'), hub.clock.now())
  const file = await hub.objects.file(hash)
  if (file === undefined) throw new HubRefusal(404, `No file has the hash ${hash}.`)
  if (token.scope === 'read' && !(await hub.repos.holds(parseRepoKey(token.repo), hash))) {
    throw new HubRefusal(
      403,
      `This token is for ${token.repo}, which does not hold the file ${hash}.`,
    )
  }
  return file
}

/**
 * Says in `Content-Length` how long a xorb or file is, without a body.
 *
 * @param hub what handlers use
 * @param request HEAD with a CAS token
 * @param what xorb (stored bytes) or file (its own bytes)
 * @param hash of it
 */
export async function describe(
  hub: HubContext,
  request: Request,
  what: 'xorb' | 'file',
  hash: string,
): Promise<Response> {
  let size: number
  if (what === 'file') {
    size = (await findFile(hub, request, hash)).size
  } else {
    openToken(hub.secrets, request.headers.get('authorization'), hub.clock.now())
    const xorb = hub.xorbs.get(hash)
    if (xorb === undefined) throw new HubRefusal(404, `No xorb has the hash ${hash}.`)
    size = xorb.bytes
  }
  return new Response(null, { headers: { 'content-length': String(size) } })
}
