import { HubRefusal } from '../answer/HubRefusal.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { readJson } from '../answer/readJson.ts'
import { repoKey } from '../git/repoKey.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'
import { signUrl } from '../signing/signUrl.ts'
import { sealFor } from './sealFor.ts'

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
