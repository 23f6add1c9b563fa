import { createHash } from 'node:crypto'
import { entryNotFound } from '../answer/entryNotFound.ts'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import type { RepoId } from '../git/RepoId.ts'
import type { HubContext } from '../HubContext.ts'
import { findCommit } from './findCommit.ts'
import { pathInfo } from './pathInfo.ts'

/**
 * Lists a folder of a revision, or with `?recursive=true` everything below it.
 *
 * @param hub what handlers use
 * @param request its query
 * @param at which folder; empty path: the root
 */
export async function listTree(
  hub: HubContext,
  request: Request,
  at: { readonly repo: RepoId; readonly revision: string; readonly path: string },
): Promise<Response> {
  hub.guard.see(request, at.repo)
  const commit = await findCommit(hub, request, at.repo, at.revision)
  const masked = !hub.guard.mayRead(request, at.repo)
  const recursive = /^(true|1)$/i.test(new URL(request.url).searchParams.get('recursive') ?? '')
  const base = at.path === '' ? '' : `${at.path}/`
  const listed = new Map<string, object>()
  for (const [path, entry] of Object.entries(commit.files)) {
    if (!path.startsWith(base)) continue
    const parts = path.slice(base.length).split('/')
    const depth = recursive ? parts.length : 1
    for (let count = 1; count < parts.length && count <= depth; count++) {
      const folder = base + parts.slice(0, count).join('/')
      listed.set(folder, folderInfo(folder, commit.oid))
    }
    if (parts.length <= depth) listed.set(path, pathInfo(path, entry, masked))
  }
  if (listed.size === 0 && base !== '') throw entryNotFound(at.path, commit.oid)
  const sorted = [...listed].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return jsonAnswer(
    sorted.map(([, info]) => info),
    200,
    { 'x-repo-commit': commit.oid },
  )
}

function folderInfo(path: string, commit: string): object {
  const oid = createHash('sha1').update(`${commit} ${path}`).digest('hex')
  return { type: 'directory', oid, size: 0, path }
}
