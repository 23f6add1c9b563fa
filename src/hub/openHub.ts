import { createHasher } from '../codec/createHasher.ts'
import { sleep } from '../core/sleep.ts'
import { systemClock } from '../core/systemClock.ts'
import { createGuard } from './access/createGuard.ts'
import { HubRefusal } from './answer/HubRefusal.ts'
import { refusalAnswer } from './answer/refusalAnswer.ts'
import { storageRefusal } from './answer/storageRefusal.ts'
import { control } from './control.ts'
import { addCors } from './cors/addCors.ts'
import { preflightAnswer } from './cors/preflightAnswer.ts'
import { openFolder } from './disk/openFolder.ts'
import { openObjects } from './disk/openObjects.ts'
import { openXorbs } from './disk/openXorbs.ts'
import { createFaults } from './faults/createFaults.ts'
import type { FaultAction } from './faults/FaultAction.ts'
import { spoilBody } from './faults/spoilBody.ts'
import { openRepos } from './git/openRepos.ts'
import type { Hub } from './Hub.ts'
import type { HubContext } from './HubContext.ts'
import type { HubOptions } from './HubOptions.ts'
import type { HubOrigin } from './HubOrigin.ts'
import { createLog } from './log/createLog.ts'
import { resolveSettings } from './resolveSettings.ts'
import { dispatch } from './routes/dispatch.ts'
import { parseRoute } from './routes/parseRoute.ts'
import type { Route } from './routes/Route.ts'
import { openSecrets } from './signing/openSecrets.ts'

/** A hub whose two origins can be served apart. */
export interface OpenHub {
  readonly hub: Hub
  /** Answers a request that arrived at one of the two origins. */
  serve(request: Request, origin: HubOrigin): Promise<Response>
}

/**
 * Puts a hub together.
 *
 * @param options see {@link HubOptions}
 * @param storageOrigin where presigned URLs point to, for a request; undefined: to the hub itself
 * @throws FerryError `configuration` for a wrong setting or a folder that cannot be used
 */
export async function openHub(
  options: HubOptions,
  storageOrigin?: (request: Request) => string,
): Promise<OpenHub> {
  const settings = resolveSettings(options)
  const clock = options.clock ?? systemClock
  const folder = await openFolder(options.folder)
  const ownOrigin = (request: Request): string => options.url ?? new URL(request.url).origin
  const context: HubContext = {
    settings,
    clock,
    folder,
    hasher: await createHasher(),
    xorbs: await openXorbs(folder),
    objects: openObjects(folder),
    repos: openRepos(folder, clock),
    secrets: await openSecrets(folder),
    guard: createGuard(options.accessTokens, options.gated ?? [], options.private ?? []),
    hubOrigin: ownOrigin,
    storageOrigin: storageOrigin ?? ownOrigin,
  }
  const { log, follow } = createLog()
  const { faults, take } = createFaults()
  const closing = new AbortController()

  const answer = async (request: Request, route: Route, origin: HubOrigin): Promise<Response> => {
    if (closing.signal.aborted) throw new HubRefusal(503, 'The hub is closing.')
    const stored = route.kind === 'xorb' || route.kind === 'lfs'
    if (storageOrigin !== undefined && stored !== (origin === 'storage')) {
      throw new HubRefusal(404, 'There is nothing at this path.')
    }
    if (route.kind === 'control' && options.controls === true) {
      return control(hub, request, route.action)
    }
    return dispatch(context, request, route)
  }
  const answerOrFail = async (
    request: Request,
    route: Route,
    origin: HubOrigin,
    fault: FaultAction | undefined,
  ): Promise<Response> => {
    const signal = AbortSignal.any([request.signal, closing.signal])
    try {
      if (fault?.do === 'delay') await sleep(fault.ms, signal)
      if (fault?.do === 'status') return failOnPurpose(fault.status, fault.headers, origin)
      const response = await answer(request, route, origin)
      return fault === undefined ? response : await spoilBody(response, fault, signal)
    } catch (error) {
      return refusalAnswer(error)
    }
  }
  const serve = async (request: Request, origin: HubOrigin): Promise<Response> => {
    const { pathname } = new URL(request.url)
    const entry = {
      at: clock.now(),
      origin,
      method: request.method,
      path: pathname,
      range: request.headers.get('range'),
      authorization: request.headers.has('authorization'),
      received: Number(request.headers.get('content-length') ?? 0),
    }
    const finish = (
      kind: Route['kind'] | 'preflight',
      response: Response,
      cors: boolean,
    ): Response => {
      response.headers.set('date', new Date(entry.at).toUTCString())
      if (cors) addCors(response.headers, request, origin)
      return follow({ ...entry, kind }, response)
    }
    if (request.method === 'OPTIONS') {
      const response = preflightAnswer(request, origin)
      return finish('preflight', response, response.status === 204)
    }
    let route: Route = { kind: 'unknown' }
    try {
      route = parseRoute(pathname)
    } catch (error) {
      return finish(route.kind, refusalAnswer(error), settings.corsOnErrors)
    }
    const hash = 'hash' in route ? { hash: route.hash } : {}
    const fault = take({ kind: route.kind, path: decodeURIComponent(pathname), ...hash })
    const response = await answerOrFail(request, route, origin, fault)
    const cors = fault?.do !== 'drop-cors' && (response.status < 400 || settings.corsOnErrors)
    return finish(route.kind, response, cors)
  }

  const hub: Hub = {
    fetch(request) {
      const url = new URL(request.url)
      const stored =
        storageOrigin === undefined
          ? /^\/(xorbs\/default|lfs)\/[0-9a-f]{64}$/.test(url.pathname)
          : url.origin === storageOrigin(request)
      return serve(request, stored ? 'storage' : 'hub')
    },
    settings,
    configure: (change) => void Object.assign(settings, resolveSettings(change, settings)),
    gated: context.guard.gated,
    private: context.guard.private,
    expireUrls: () => context.secrets.nextEpoch(),
    faults,
    log,
    close: () => closing.abort(new HubRefusal(503, 'The hub is closing.')),
  }
  return { hub, serve }
}

function failOnPurpose(
  status: number,
  headers: Readonly<Record<string, string>> | undefined,
  origin: HubOrigin,
): Response {
  if (origin === 'storage' && status === 403 && headers === undefined) {
    return storageRefusal('Request has expired')
  }
  return refusalAnswer(new HubRefusal(status, 'Refused on purpose.', undefined, headers))
}
