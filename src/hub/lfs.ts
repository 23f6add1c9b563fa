// LFS: the batch call before an upload, and whole large files in presigned storage.

import { hashed, presigned, repository, writable } from './access.ts'
import { readJson } from './body.ts'
import { isSize } from './commits.ts'
import { readFileBytes } from './xorbs.ts'
import { rangedAnswer, type Representation, signedRanges, streamOf } from './ranges.ts'
import { longJsonAnswer } from './pacing.ts'
import { damagedRefusal, HubRefusal, storageRefusal } from './refusals.ts'
import { as, REPO, type HubEnv, type HubRequest } from './routing.ts'
import { signUrl } from './signing.ts'
import { receive } from './storage/folder.ts'
import { parseRepoKey, repoKey } from './storage/repo-names.ts'
import { sealFor } from './hub-api.ts'
import { rm } from 'node:fs/promises'
import type { ByteRange } from '../core/index.ts'
import type { Hono } from 'hono/tiny'

interface BatchObject {
  readonly oid: string
  readonly size: number
}

/** Serves the batch call to callers that may write, and objects to presigned URLs. */
export function lfsRoutes(app: Hono<HubEnv>): void {
  const batch = `/${REPO}.git/info/lfs/objects/batch`
  for (const path of [`/:type{datasets|spaces}${batch}`, batch]) {
    app.post(path, as('batch'), repository, writable, lfsBatch)
  }
  app.get('/lfs/:hash/as/:name', as('lfs'), hashed, presigned, serveLarge)
  app.put('/lfs/:hash/for/:repo/:generation', as('lfs'), hashed, presigned, putLarge)
}

/**
 * Tells a client how to upload the large files of a commit: not at all when they are stored already, as xorbs when
 * the client supports it, otherwise as plain objects.
 *
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */
async function lfsBatch(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const request = c.req.raw
  const { operation, transfers, ref, objects } = await readJson(request)
  if (operation !== 'upload') throw new HubRefusal(400, 'Only the LFS operation upload is known.')
  if (!Array.isArray(objects) || !objects.every(isObject)) {
    throw new HubRefusal(400, 'objects must be a list of { oid: 64 hex digits, size: bytes }.')
  }
  const repo = repoKey(c.var.repo)
  const xet = Array.isArray(transfers) && transfers.includes('xet')
  const name = (ref as { name?: unknown } | undefined)?.name
  const branch = typeof name === 'string' ? name : 'main'
  const upload = xet ? await xetUpload(c, branch) : await plainUpload(c)
  // One object after the other: a batch may contain thousands, and each is looked up on disk.
  async function* answered(): AsyncGenerator<object, void> {
    for (const { oid, size } of objects as BatchObject[]) {
      const seen = await hub.visibility.toCaller(repo, c.var.rights, 'large', oid)
      const known = seen && (await hub.objects.large(oid)) !== undefined
      yield { oid, size, ...(!known && { actions: { upload: upload(oid) } }) }
    }
  }
  return longJsonAnswer(
    { transfer: xet ? 'xet' : 'basic', hash_algo: 'sha_256', objects: answered() },
    { 'content-type': 'application/vnd.git-lfs+json' },
  )
}

type Upload = (oid: string) => { href: string; header?: Record<string, string> }

async function xetUpload(c: HubRequest, branch: string): Promise<Upload> {
  const { repo } = c.var
  const { accessToken, exp, casUrl } = await sealFor(c, 'write')
  const api = `${c.env.hub.hubOrigin(c.req.raw)}/api/${repo.type}s/${repo.name}`
  const upload = {
    href: `${api}/xet-write-token/${encodeURIComponent(branch)}`,
    header: {
      'X-Xet-Cas-Url': casUrl,
      'X-Xet-Access-Token': accessToken,
      'X-Xet-Token-Expiration': String(exp),
      'X-Xet-Session-Id': crypto.randomUUID(),
    },
  }
  return () => upload
}

/** In the place of the generation of a repository that the commit after the uploads creates. */
const NOT_CREATED = 'new'

/** The URL contains the repository, so that the upload counts for it, and not for a later one of its name. */
async function plainUpload(c: HubRequest): Promise<Upload> {
  const { hub } = c.env
  const expires = hub.clock.now() + hub.settings.urlLifetimeMs
  const origin = hub.storageOrigin(c.req.raw)
  const generation = (await hub.repos.generation(c.var.repo)) ?? NOT_CREATED
  const suffix = `for/${encodeURIComponent(repoKey(c.var.repo))}/${generation}`
  return (oid) => ({
    href: signUrl(hub.secrets, {
      origin,
      path: `/lfs/${oid}/${suffix}`,
      method: 'PUT',
      ranges: [],
      expires,
    }),
  })
}

function isObject(value: unknown): value is BatchObject {
  const { oid, size } = (value ?? {}) as Partial<BatchObject>
  return typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid) && isSize(size)
}

const LARGEST = 5 * 1024 ** 3

/** Accepts a plain upload, from clients without Xet. */
async function putLarge(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const request = c.req.raw
  const sha256 = c.req.param('hash')!
  const generation = c.req.param('generation')!
  if (
    generation !== NOT_CREATED &&
    generation !== (await hub.repos.generation(parseRepoKey(c.req.param('repo')!)))
  ) {
    return storageRefusal('Request has expired')
  }
  const upload = await receive(request.body, hub.folder, LARGEST)
  try {
    await hub.objects.putPlain(sha256, upload.length, upload.path)
    await hub.visibility.uploaded(c.req.param('repo')!, 'large', sha256)
    return new Response(null, { status: 200, headers: { etag: `"${sha256.slice(0, 32)}"` } })
  } finally {
    await rm(upload.path, { force: true })
  }
}

/**
 * Serves a whole large file: the target of redirects for plain downloads. A file in xorbs is assembled while it is
 * sent. When the redirected request had a `Range`, the URL is valid for that range only, as on the real CDN.
 */
async function serveLarge(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const request = c.req.raw
  const sha256 = c.req.param('hash')!
  const large = await hub.objects.large(sha256)
  if (large === undefined) return damagedRefusal()
  const file = large.xetHash === undefined ? undefined : await hub.objects.file(large.xetHash)
  const what: Representation = {
    size: large.size,
    // The CDN has its own ETags, which never equal the SHA-256 in the hub's linked ETag.
    etag: `"${large.xetHash ?? sha256.slice(0, 32)}"`,
    contentType: 'application/octet-stream',
    read: (range: ByteRange) =>
      file === undefined
        ? hub.objects.readPlain(sha256, range)
        : streamOf(readFileBytes(hub.xorbs, file, range)),
  }
  if (c.var.ranges.length > 0) {
    const allowed = signedRanges(request, what, c.var.ranges, hub.settings.exactRanges)
    // Several are answered with the whole.
    if (allowed?.length !== 1) return storageRefusal('Auth failed: invalid range')
  }
  return rangedAnswer(request, what, { 'content-disposition': disposition(c.req.param('name')!) })
}

/** @see RFC 6266 */
function disposition(name: string): string {
  const encoded = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  )
  return `inline; filename="${name.replaceAll(/[^\u0020-\u007e]|["\\]/g, '_')}"; filename*=UTF-8''${encoded}`
}
