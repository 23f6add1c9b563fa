import { createHmac } from 'node:crypto'
import { HubRefusal } from '../answer/HubRefusal.ts'
import type { StoredXorb } from '../disk/StoredXorb.ts'
import { parseRepoKey } from '../git/parseRepoKey.ts'
import type { HubContext } from '../HubContext.ts'
import { serializeShard } from '../shard/serializeShard.ts'
import { openToken } from '../signing/openToken.ts'

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
        if (stored === undefined || listed.has(xorb)) continue
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
