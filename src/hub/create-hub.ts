import { createHasher } from '../codec/index.ts'
import { FerryError, systemClock } from '../core/index.ts'
import { createGuard, digestTokens, randomToken } from './access.ts'
import { createApp, control } from './app.ts'
import { createFaults } from './faults.ts'
import { resolveSettings, type Hub, type HubOptions, type OpenHub } from './hub.ts'
import { type RequestKind, createLog } from './log.ts'
import { HubRefusal } from './refusals.ts'
import { canonicalPath, isStored, routeOf } from './routing.ts'
import { openSecrets, openToken } from './signing.ts'
import { openFolder } from './storage/folder.ts'
import { openObjects } from './storage/objects.ts'
import { canonicalKey } from './storage/repo-names.ts'
import { openRepos } from './storage/repos.ts'
import { openXorbs } from './storage/xorbs.ts'
import { createVisibility } from './visibility.ts'
import type { HubContext } from './context.ts'

/** Calls that accept a CAS token. Calls of newer clients get the hub's own 404, so that the clients fall back. */
const casKinds: ReadonlySet<RequestKind> = new Set([
  'reconstruction',
  'chunk',
  'xorb-upload',
  'file',
  'shard',
])

/**
 * Assembles a hub.
 *
 * @param options see {@link HubOptions}
 * @param storageOrigin where presigned URLs point to, for a request; undefined: to the hub itself
 * @throws FerryError `configuration` for a wrong setting or a folder that cannot be used
 */
export async function assembleHub(
  options: HubOptions,
  storageOrigin?: (request: Request) => string,
): Promise<OpenHub> {
  const settings = resolveSettings(options)
  const clock = options.clock ?? systemClock
  const note = options.note ?? (() => undefined)
  const closing = new AbortController()
  const folder = await openFolder(options.folder, () => {
    note(`Another process has taken over the folder ${options.folder}. This hub answers 503 now.`)
    closing.abort(new HubRefusal(503, 'Another process has taken over the folder of this hub.'))
  })
  const ownOrigin = (request: Request): string => options.url ?? new URL(request.url).origin
  const hasher = await createHasher()
  const xorbs = await openXorbs(folder, hasher, note)
  const { open = false, accessTokens } = options
  if (open && accessTokens !== undefined) {
    throw new FerryError('configuration', 'A hub is open or has accessTokens, not both.')
  }
  const writeToken = open || accessTokens !== undefined ? undefined : randomToken()
  const everything = writeToken === undefined ? [] : [{ token: writeToken, write: ['*'] }]
  const tokens = open ? undefined : digestTokens(accessTokens ?? everything)
  const repos = openRepos(folder, clock, note)
  const objects = openObjects(folder, xorbs, note)
  const guard = createGuard(tokens, options.gated ?? [], options.private ?? [])
  for (const repo of await repos.list())
    guard.kept.set(canonicalKey(repo), await repos.access(repo))
  const context: HubContext = {
    settings,
    clock,
    folder,
    hasher,
    xorbs,
    objects,
    repos,
    secrets: await openSecrets(folder),
    guard,
    visibility: createVisibility({ clock, folder, objects, repos, guard }),
    hubOrigin: ownOrigin,
    storageOrigin: storageOrigin ?? ownOrigin,
  }
  const { log, follow } = createLog()
  const { faults, take } = createFaults()
  const close = (): Promise<void> => {
    closing.abort(new HubRefusal(503, 'The hub is closing.'))
    return folder.close()
  }

  const app = createApp({
    take,
    follow,
    control:
      options.controls === true ? (request, action) => control(hub, request, action) : undefined,
    apart: storageOrigin !== undefined,
    hosts: [
      ...(options.hosts ?? []),
      ...(options.url === undefined ? [] : [new URL(options.url).hostname]),
    ],
    open,
    closing: closing.signal,
  })
  const serve: OpenHub['serve'] = async (request, origin, caller) =>
    app.fetch(request, { hub: context, origin, caller })

  const kindOf: Hub['kindOf'] = ({ method, url }) =>
    routeOf(app, method, new URL(url).pathname).kind
  const hub: Hub = {
    kindOf,
    fetch(request, caller) {
      const storage = storageOrigin?.(request)
      const stored =
        storage === undefined || storage === ownOrigin(request)
          ? isStored(kindOf(request))
          : new URL(request.url).origin === storage
      return serve(request, stored ? 'storage' : 'hub', caller)
    },
    carried(request) {
      const authorization = request.headers.get('authorization')
      // Most requests have another token or none; creating a refusal for each of them costs more than their responses.
      if (authorization === null || !authorization.startsWith('Bearer xet_')) return undefined
      // On other paths a CAS token would have all rights of its owner, and could renew itself without limit.
      const { pathname } = new URL(request.url)
      const kind = kindOf(request)
      const newer =
        (kind === 'unknown' || kind === 'optional') &&
        /^\/v[12]\//.test(canonicalPath(pathname) ?? '')
      if (!newer && !casKinds.has(kind)) return undefined
      try {
        return openToken(context.secrets, authorization, clock.now()).carry
      } catch {
        return undefined
      }
    },
    settings,
    ...(writeToken !== undefined && { writeToken }),
    configure: (change) => void Object.assign(settings, resolveSettings(change, settings)),
    gated: context.guard.gated,
    private: context.guard.private,
    expireUrls: () => context.secrets.nextEpoch(),
    faults,
    log,
    close: () => void close(),
  }
  return { hub, serve, close }
}

/**
 * Makes a hub that can be mounted in any server with `Request` and `Response`.
 *
 * @param options see {@link HubOptions}
 * @throws FerryError `configuration` for a wrong setting or a folder that cannot be used
 * @example
 * const hub = await createHub({ folder: './models' })
 * const response = await hub.fetch(new Request('http://hub.example/api/models/me/tiny'))
 */
export async function createHub(options: HubOptions): Promise<Hub> {
  const { storageUrl } = options
  const { hub } = await assembleHub(
    options,
    storageUrl === undefined ? undefined : () => storageUrl,
  )
  return hub
}
