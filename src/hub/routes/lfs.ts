import { readJson } from '../body.ts'
import { readFileBytes } from '../cas/chunks.ts'
import { isAllowedRange, parseRanges, rangedAnswer, streamOf } from '../ranges.ts'
import { HubRefusal, jsonAnswer, storageRefusal } from '../refusals.ts'
import { signUrl, checkUrl } from '../signing.ts'
import { receive } from '../storage/folder.ts'
import { repoKey } from '../storage/repos.ts'
import { sealFor } from './repos.ts'
import { rm } from 'node:fs/promises'
import type { ByteRange } from '../../core/index.ts'
import type { HubContext } from '../context.ts'
import type { RepoId } from '../hub.ts'

interface BatchObject {
  readonly oid: string
  readonly size: number
}

/**
 * Tells a client what to do with the large files of a commit: nothing for those that are stored already, an
 * upload as xorbs for who can, else a plain one.
 *
 * @param hub what handlers use
 * @param request LFS batch request, JSON
 * @param repo where the files are to be committed
 * @see https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md
 */
export async function lfsBatch(hub: HubContext, request: Request, repo: RepoId): Promise<Response> {
  hub.guard.write(request, repo)
  const { operation, transfers, ref, objects } = await readJson(request)
  if (operation !== 'upload') throw new HubRefusal(400, 'Only the LFS operation upload is known.')
  if (!Array.isArray(objects) || !objects.every(isObject)) {
    throw new HubRefusal(400, 'objects must be a list of { oid: 64 hex digits, size: bytes }.')
  }
  const xet = Array.isArray(transfers) && transfers.includes('xet')
  const name = (ref as { name?: unknown } | undefined)?.name
  const branch = typeof name === 'string' ? name : 'main'
  const upload = xet ? xetUpload(hub, request, repo, branch) : plainUpload(hub, request)
  const answered = objects.map(async ({ oid, size }) => {
    const known = (await hub.objects.large(oid)) !== undefined
    return { oid, size, ...(!known && { actions: { upload: upload(oid) } }) }
  })
  return jsonAnswer(
    { transfer: xet ? 'xet' : 'basic', hash_algo: 'sha_256', objects: await Promise.all(answered) },
    200,
    { 'content-type': 'application/vnd.git-lfs+json' },
  )
}

type Upload = (oid: string) => { href: string; header?: Record<string, string> }

function xetUpload(hub: HubContext, request: Request, repo: RepoId, branch: string): Upload {
  const { accessToken, exp, casUrl } = sealFor(hub, request, repoKey(repo), 'write')
  const api = `${hub.hubOrigin(request)}/api/${repo.type}s/${repo.name}`
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

function plainUpload(hub: HubContext, request: Request): Upload {
  const expires = hub.clock.now() + hub.settings.urlLifetimeMs
  const origin = hub.storageOrigin(request)
  return (oid) => ({
    href: signUrl(hub.secrets, { origin, path: `/lfs/${oid}`, method: 'PUT', ranges: [], expires }),
  })
}

function isObject(value: unknown): value is BatchObject {
  const { oid, size } = (value ?? {}) as Partial<BatchObject>
  return typeof oid === 'string' && /^[0-9a-f]{64}$/.test(oid) && Number.isSafeInteger(size)
}

const LARGEST = 5 * 1024 ** 3

/**
 * Takes a plain LFS upload in, for clients that do not speak Xet.
 *
 * @param hub what handlers use
 * @param request PUT to a URL signed for it
 * @param sha256 what the bytes must hash to
 */
export async function putLarge(
  hub: HubContext,
  request: Request,
  sha256: string,
): Promise<Response> {
  const checked = checkUrl(hub.secrets, new URL(request.url), request.method, hub.clock.now())
  if ('refused' in checked) return storageRefusal(checked.refused)
  const upload = await receive(request.body, hub.folder, LARGEST)
  try {
    await hub.objects.putPlain(sha256, upload.length, upload.path)
    return new Response(null, { status: 200, headers: { etag: `"${sha256.slice(0, 32)}"` } })
  } finally {
    await rm(upload.path, { force: true })
  }
}

/**
 * Serves a whole large file from presigned storage: what plain downloads are redirected to. A file that came
 * as xorbs is put together on the way.
 *
 * @param hub what handlers use
 * @param request GET or HEAD, with or without `Range`; when the redirect was asked for with a `Range`, the URL
 *   is good for that range only, as on the real CDN
 * @param sha256 of the file
 */
export async function serveLarge(
  hub: HubContext,
  request: Request,
  sha256: string,
): Promise<Response> {
  const checked = checkUrl(hub.secrets, new URL(request.url), request.method, hub.clock.now())
  if ('refused' in checked) return storageRefusal(checked.refused)
  const large = await hub.objects.large(sha256)
  if (large === undefined) return storageRefusal('The specified key does not exist', 'NoSuchKey')
  if (checked.ranges.length > 0) {
    const wanted = parseRanges(request.headers.get('range'), large.size)
    const allowed =
      Array.isArray(wanted) &&
      wanted.every((range) => isAllowedRange(range, checked.ranges, hub.settings.exactRanges))
    if (!allowed) return storageRefusal('Auth failed: invalid range')
  }
  const file = large.xetHash === undefined ? undefined : await hub.objects.file(large.xetHash)
  return rangedAnswer(request, {
    size: large.size,
    // The CDN names the bytes its own way: never the SHA-256 that the hub gives as linked ETag.
    etag: `"${large.xetHash ?? sha256.slice(0, 32)}"`,
    contentType: 'application/octet-stream',
    read: (range: ByteRange) =>
      file === undefined
        ? hub.objects.readPlain(sha256, range)
        : streamOf(readFileBytes(hub.xorbs, file, range)),
  })
}
