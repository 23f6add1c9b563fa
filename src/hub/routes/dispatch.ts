import { findChunk, serveXorb } from '../cas/chunks.ts'
import { getReconstruction } from '../cas/reconstruction.ts'
import { describe, putShard, putXorb, requireWrite } from '../cas/uploads.ts'
import { HubRefusal, jsonAnswer } from '../refusals.ts'
import { commitFiles, preupload } from './commits.ts'
import { resolveFile } from './files.ts'
import { lfsBatch, putLarge, serveLarge } from './lfs.ts'
import { createRepo, giveToken, listTree, pathsInfo, repoInfo } from './repos.ts'
import type { HubContext } from '../context.ts'
import type { Route } from '../hub.ts'

const GET = ['GET', 'HEAD']
const POST = ['POST']
const methods: Readonly<Partial<Record<Route['kind'], readonly string[]>>> = {
  resolve: GET,
  raw: GET,
  token: GET,
  tree: GET,
  revision: GET,
  reconstruction: GET,
  chunk: GET,
  xorb: GET,
  lfs: [...GET, 'PUT'],
  file: ['HEAD'],
  'xorb-upload': ['POST', 'HEAD'],
  shard: POST,
  'paths-info': POST,
  preupload: POST,
  commit: POST,
  batch: POST,
  'create-repo': POST,
}

/**
 * Hands a request to who answers it.
 *
 * @param hub what handlers use
 * @param request any
 * @param route what its path asks for
 * @throws HubRefusal 404 for what does not exist here, 405 for a method it does not have, and whatever the
 *   handler refuses
 */
export async function dispatch(hub: HubContext, request: Request, route: Route): Promise<Response> {
  const allowed = methods[route.kind]
  if (allowed !== undefined && !allowed.includes(request.method)) {
    throw new HubRefusal(405, `Use ${allowed.join(' or ')} here.`, undefined, {
      allow: allowed.join(', '),
    })
  }
  switch (route.kind) {
    case 'resolve':
    case 'raw':
      return resolveFile(hub, request, { ...route, raw: route.kind === 'raw' })
    case 'token':
      return giveToken(hub, request, route.repo, route.revision, route.scope)
    case 'tree':
      return listTree(hub, request, route)
    case 'revision':
      return repoInfo(hub, request, route.repo, route.revision)
    case 'paths-info':
      return pathsInfo(hub, request, route.repo, route.revision)
    case 'preupload':
      return preupload(hub, request, route.repo)
    case 'batch':
      return lfsBatch(hub, request, route.repo)
    case 'commit':
      return commitFiles(hub, request, route.repo, route.revision)
    case 'create-repo':
      return createRepo(hub, request)
    case 'reconstruction':
      return getReconstruction(hub, request, route.hash, route.version)
    case 'chunk':
      return findChunk(hub, request, route.hash)
    case 'xorb-upload':
      if (request.method === 'HEAD') return describe(hub, request, 'xorb', route.hash)
      requireWrite(hub, request)
      return putXorb(hub, request, route.hash)
    case 'file':
      return describe(hub, request, 'file', route.hash)
    case 'shard':
      // Clients that know version 2 fall back to 1 on this.
      if (route.version === 2) return jsonAnswer({ error: 'Use v1/shards.' }, 404)
      requireWrite(hub, request)
      return putShard(hub, request)
    case 'xorb':
      return serveXorb(hub, request, route.hash)
    case 'lfs':
      return request.method === 'PUT'
        ? putLarge(hub, request, route.hash)
        : serveLarge(hub, request, route.hash)
    default:
      throw new HubRefusal(404, 'There is nothing at this path.')
  }
}
