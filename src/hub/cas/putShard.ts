import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { readBody } from '../answer/readBody.ts'
import type { StoredFile } from '../disk/StoredFile.ts'
import type { HubContext } from '../HubContext.ts'
import { parseShard } from '../shard/parseShard.ts'
import type { Shard } from '../shard/Shard.ts'
import { checkShardFile } from './checkShardFile.ts'

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
