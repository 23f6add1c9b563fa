import { decodeChunkRecord } from '../../codec/index.ts'
import { isAllowedRange, multipartAnswer, parseRanges, rangedAnswer } from '../ranges.ts'
import { HubRefusal, storageRefusal } from '../refusals.ts'
import { openToken, checkUrl } from '../signing.ts'
import { parseRepoKey } from '../storage/repos.ts'
import { serializeShard } from './shard.ts'
import { createHmac } from 'node:crypto'
import type { ByteRange } from '../../core/index.ts'
import type { StoredXorb, HubContext, StoredFile, Xorbs } from '../context.ts'

/** About 50 bytes of shard each. */
const MOST_CHUNKS = 1 << 16
const LIFETIME_SECONDS = 7 * 24 * 3600

/**
 * Answers a dedupe query: a shard with the first stored xorb that holds the chunk, and with the other xorbs of
 * the repository, oldest first, so that a client takes each chunk from the first xorb that has it.
 *
 * @param hub what handlers use
 * @param request its `Authorization` holds the CAS token
 * @param hash of the chunk
 */
export async function findChunk(
  hub: HubContext,
  request: Request,
  hash: string,
): Promise<Response> {
  const token = openToken(hub.secrets, request.headers.get('authorization'), hub.clock.now())
  const holder = hub.xorbs.holding(hash)
  const listed = new Map<string, StoredXorb>()
  if (holder !== undefined) listed.set(holder.hash, holder)
  if (hub.settings.dedupeHints) {
    let chunks = holder?.chunks.length ?? 0
    for (const file of await hub.repos.newest(parseRepoKey(token.repo))) {
      for (const { xorb } of (await hub.objects.file(file))?.terms ?? []) {
        const stored = hub.xorbs.get(xorb)
        if (stored === undefined || listed.has(xorb) || !hub.xorbs.isIntact(xorb)) continue
        chunks += stored.chunks.length
        if (chunks <= MOST_CHUNKS) listed.set(xorb, stored)
      }
    }
  }
  if (listed.size === 0) throw new HubRefusal(404, `No xorb holds the chunk ${hash}.`)
  const xorbs = [...listed.values()].toSorted((a, b) => a.sequence - b.sequence)
  const key = createHmac('sha256', hub.secrets.key).update('chunks').digest()
  const now = Math.floor(hub.clock.now() / 1000)
  return new Response(serializeShard(xorbs, Uint8Array.from(key), now, LIFETIME_SECONDS), {
    headers: { 'content-type': 'application/octet-stream' },
  })
}

/**
 * The bytes of a stored file, chunk by chunk.
 *
 * @param xorbs where its chunks are
 * @param file its terms
 * @param range bytes of the file
 */
export async function* readFileBytes(
  xorbs: Xorbs,
  file: StoredFile,
  range: ByteRange,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let at = 0
  for (const term of file.terms) {
    if (at + term.length <= range.start) {
      at += term.length
      continue
    }
    for (const chunk of xorbs.get(term.xorb)!.chunks.slice(term.start, term.end)) {
      if (at >= range.end) return
      if (at + chunk.length > range.start) {
        const place = { start: chunk.offset, end: chunk.offset + chunk.stored }
        const bytes = decodeChunkRecord(await xorbs.readAll(term.xorb, place))
        yield bytes.subarray(Math.max(0, range.start - at), range.end - at)
      }
      at += chunk.length
    }
  }
}

/**
 * Serves presigned bytes of a xorb: what the URL was signed for, while it was signed for, and nothing else.
 *
 * @param hub what handlers use
 * @param request GET or HEAD with a `Range`
 * @param hash of the xorb
 */
export function serveXorb(hub: HubContext, request: Request, hash: string): Response {
  const checked = checkUrl(hub.secrets, new URL(request.url), request.method, hub.clock.now())
  if ('refused' in checked) return storageRefusal(checked.refused)
  const xorb = hub.xorbs.get(hash)
  if (xorb === undefined) return storageRefusal('The specified key does not exist', 'NoSuchKey')
  // Not clamped to the xorb: `0-` is not the signed `0-99`, even where it means the same bytes.
  const ranges = parseRanges(request.headers.get('range'), Number.MAX_SAFE_INTEGER)
  const what = {
    size: xorb.bytes,
    etag: `"${hash}"`,
    contentType: 'application/octet-stream',
    read: (range: { start: number; end: number }) => hub.xorbs.read(hash, range),
  }
  if (
    ranges === 'all' ||
    ranges === 'none' ||
    !ranges.every((range) => isAllowedRange(range, checked.ranges, hub.settings.exactRanges))
  ) {
    return storageRefusal('Auth failed: invalid range')
  }
  return ranges.length === 1 ? rangedAnswer(request, what) : multipartAnswer(request, what, ranges)
}
