// The CAS endpoints: reconstructions, file sizes and shards, for callers with a CAS token.

import { hashed, headOnly } from './access.ts'
import { casToken } from './hub-api.ts'
import { longJsonAnswer } from './pacing.ts'
import { parseRanges } from './ranges.ts'
import { planReconstruction, signPlan, writeReconstruction } from './reconstruction.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, type HubEnv, type HubRequest } from './routing.ts'
import { parseShard } from './shard.ts'
import { checkShard } from './shard-check.ts'
import { signUrl } from './signing.ts'
import { receive } from './storage/folder.ts'
import { readFile, rm } from 'node:fs/promises'
import type { StoredFile } from './content.ts'
import type { MiddlewareHandler } from 'hono'
import type { Hono } from 'hono/tiny'

/** Serves files by hash to callers whose token gives access. */
export function casRoutes(app: Hono<HubEnv>): void {
  const reading = casToken('read')
  for (const version of [1, 2] as const) {
    const path = `/v${version}/reconstructions/:hash`
    app.get(path, as('reconstruction'), hashed, existing(version), reading, (c) =>
      getReconstruction(c, version),
    )
  }
  app.get('/v1/files/:hash', as('file'), headOnly, hashed, reading, async (c) => {
    const { size } = await findFile(c)
    return new Response(null, { headers: { 'content-length': String(size) } })
  })
  app.post('/v1/shards', as('shard'), casToken('write'), putShard)
  // Clients that know version 2 fall back to 1 on this.
  app.post('/v2/shards', as('shard'), () => jsonAnswer({ error: 'Use v1/shards.' }, 404))
}

function existing(version: 1 | 2): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const { reconstruction, absentStatus } = c.env.hub.settings
    if (reconstruction !== 'both' && reconstruction !== `v${version}`) {
      throw new HubRefusal(absentStatus, `This CAS has no reconstruction API v${version}.`)
    }
    await next()
  }
}

/** Returns the xorb ranges of a file, or of the part in the request's `Range`. */
async function getReconstruction(c: HubRequest, version: 1 | 2): Promise<Response> {
  const { hub } = c.env
  const { settings } = hub
  const request = c.req.raw
  const file = await findFile(c)
  const ranges = parseRanges(request.headers.get('range'), file.size)
  if (ranges === 'none') {
    throw new HubRefusal(416, `The file has ${file.size} bytes.`, undefined, {
      'content-range': `bytes */${file.size}`,
    })
  }
  const range = ranges === 'all' ? { start: 0, end: file.size } : ranges[0]!
  const plan = await planReconstruction(
    file,
    range,
    (xorb) => hub.xorbs.get(xorb)!,
    settings.descriptorBytes,
  )
  const expires = hub.clock.now() + settings.urlLifetimeMs
  const origin = hub.storageOrigin(request)
  const entries = signPlan(plan, settings.multirange, (xorb, signed) => {
    const path = `/xorbs/default/${xorb}`
    return signUrl(hub.secrets, { origin, path, method: 'GET', ranges: signed, expires })
  })
  return longJsonAnswer(writeReconstruction(plan, entries, version))
}

/**
 * The file of a CAS request, if the repository of its token contains it or got it uploaded. An absent file and a file
 * of another repository have the same refusal.
 */
async function findFile(c: HubRequest): Promise<StoredFile> {
  const { hub } = c.env
  const { repo } = c.var.token
  const hash = c.req.param('hash')!
  const file = (await hub.visibility.holds(repo, 'file', hash))
    ? await hub.objects.file(hash)
    : undefined
  if (file === undefined) throw new HubRefusal(404, `${repo} holds no file with the hash ${hash}.`)
  return file
}

const LARGEST_SHARD = 64 * 1024 * 1024

/** Accepts a shard. It is checked completely before any part of it is stored. */
async function putShard(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo, uploader } = c.var.token
  const shard = await parseShard(await readShard(c))
  const files = await checkShard(
    hub,
    shard,
    async (xorb) =>
      (await hub.visibility.toRepo(repo, 'xorb', xorb)) ||
      (uploader !== undefined && (await hub.visibility.had(uploader, xorb))),
  )
  for (const file of files) {
    await hub.objects.putFile(file)
    await hub.visibility.uploaded(repo, 'file', file.hash)
    if (file.sha256 !== undefined) await hub.visibility.uploaded(repo, 'large', file.sha256)
  }
  return jsonAnswer({ result: 1 })
}

/** By way of the disk: what arrives slowly, or at the same time as others, is not held in memory. */
async function readShard(c: HubRequest): Promise<Uint8Array> {
  const { path } = await receive(c.req.raw.body, c.env.hub.folder, LARGEST_SHARD)
  try {
    return await readFile(path)
  } finally {
    await rm(path, { force: true })
  }
}
