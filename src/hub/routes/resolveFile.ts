import { entryNotFound } from '../answer/entryNotFound.ts'
import { rangedAnswer } from '../answer/rangedAnswer.ts'
import { streamOf } from '../answer/streamOf.ts'
import { entryAt } from '../git/entryAt.ts'
import { pointerText } from '../git/pointerText.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'
import { fileInfoAnswer } from './fileInfoAnswer.ts'
import { findCommit } from './findCommit.ts'
import { largeRedirect } from './largeRedirect.ts'
import { isWithoutXet } from './isWithoutXet.ts'

/**
 * Serves a file by its place in a repository: file info for who asks for that, a redirect to storage for large
 * files, the bytes themselves for those in git.
 *
 * @param hub what handlers use
 * @param request GET or HEAD
 * @param at which file; `raw`: what git holds, which is a pointer for large files
 */
export async function resolveFile(
  hub: HubContext,
  request: Request,
  at: {
    readonly repo: RepoId
    readonly revision: string
    readonly path: string
    readonly raw: boolean
  },
): Promise<Response> {
  hub.guard.see(request, at.repo)
  const commit = await findCommit(hub, request, at.repo, at.revision)
  hub.guard.read(request, at.repo)
  const entry = entryAt(commit, at.path)
  if (entry === undefined) throw entryNotFound(at.path, commit.oid)
  const { sha256 } = entry
  if (sha256 !== undefined && !at.raw) {
    const place = { repo: at.repo, commit: commit.oid, path: at.path }
    const large = { ...entry, sha256 }
    const plain = entry.xetHash === undefined || isWithoutXet(hub.settings.withoutXet, place)
    const wantsInfo = request.headers.get('accept')?.includes('application/vnd.xet-fileinfo+json')
    return !plain && wantsInfo === true
      ? fileInfoAnswer(hub, request, place, large)
      : largeRedirect(hub, request, place, large, !plain)
  }
  const pointer = sha256 === undefined ? undefined : pointerText(sha256, entry.size)
  const text = pointer === undefined ? undefined : new TextEncoder().encode(pointer)
  return rangedAnswer(
    request,
    {
      size: text?.byteLength ?? entry.size,
      etag: `"${entry.oid}"`,
      contentType: 'text/plain; charset=utf-8',
      read: (range) =>
        text === undefined
          ? hub.objects.readBlob(entry.oid, range)
          : streamOf(once(text.subarray(range.start, range.end))),
    },
    { 'x-repo-commit': commit.oid },
  )
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes
}
