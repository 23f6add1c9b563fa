import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { RunningHub } from 'modelferry/hub'
import { startSite } from '../stage/startSite.ts'
import { type Behaviour, type Visit, sendPage } from './behaviour.ts'
import { countedBody } from './body-bytes.ts'
import { startProxies } from './hub-proxies.ts'
import { digest, madeBytes } from './made-bytes.ts'
import { workerScript } from './page-requests.ts'
import { closeServer, listenLocally } from '../stage/local-server.ts'

/** A site and a server for each behaviour, for one of the two pages. */
export interface World {
  /** URL of the page, with a trailing slash. */
  readonly url: string
  /** Origins of hubs. */
  readonly hubs: readonly string[]
  /** The current visit, for all servers. */
  visit: Visit
  /** Bytes of bodies sent by plain servers by path without query. */
  readonly cost: Map<string, number>
  /** URL of a behaviour's file for a request, without query. */
  address(behaviour: Behaviour, request: string): string
  /** Cuts all connections from now on. */
  cut(): void
  close(): Promise<void>
}

/** All files of plain servers are below this path. */
export const filesPath = '/conformance'

const exposedHeaders =
  'accept-ranges, cache-control, content-encoding, content-length, content-range, etag, last-modified, retry-after, vary, x-app'

/** Name of a behaviour at its place. */
export function idOf({ name, place }: Pick<Behaviour, 'name' | 'place'>): string {
  return `${name}@${place}`
}

/** The true bytes of a file at a visit. */
export function truthOf(
  behaviour: Behaviour,
  request: string,
  visit: Visit,
  headers: IncomingMessage['headers'] = {},
): Buffer {
  if (behaviour.truth) return behaviour.truth(visit, headers)
  const changed = behaviour.changes && visit !== 'first' ? ' changed' : ''
  return madeBytes(`${idOf(behaviour)} ${request}${changed}`, behaviour.size ?? 200_000)
}

/** Repository of all files of hubs. */
export const hubRepo = 'conformance/files'

/** Path of a file in that repository. */
export function hubPath({ name, fileName = 'model.onnx' }: Behaviour, request: string): string {
  return `${name}/${request}/${fileName}`
}

/** Path of a behaviour's file for a request, without query. */
export function pathOf(behaviour: Behaviour, request: string): string {
  const { place, name, fileName = 'model.onnx' } = behaviour
  if (place === 'hub') return `/${hubRepo}/resolve/main/${hubPath(behaviour, request)}`
  return `${filesPath}/${place}/${name}/${request}/${fileName}`
}

/**
 * Starts a site and the servers on free ports of this machine.
 *
 * @param hub the hub behind the proxies, with the files; undefined where no hub is tested
 */
export async function startWorld(
  behaviours: readonly Behaviour[],
  hub: RunningHub | undefined,
): Promise<World> {
  const counts = new Map<string, number>()
  const cost: World['cost'] = new Map()
  const servers: Server[] = []
  const origins = new Map<Behaviour, string>()
  const hubs: string[] = []
  let isCut = false

  const count = (key: string, bytes: number): void =>
    void cost.set(key, (cost.get(key) ?? 0) + bytes)
  const listenerOf =
    (behaviour: Behaviour): RequestListener =>
    (request, response) => {
      if (isCut) request.destroy()
      else answerAs(behaviour, request, response)
    }
  const answerAs = (
    behaviour: Behaviour,
    request: IncomingMessage,
    response: ServerResponse,
  ): void => {
    const { url: path = '/', headers, method } = request
    if (behaviour.place !== 'same') openTo(behaviour, request, response)
    if (method === 'OPTIONS') return void response.writeHead(204).end()
    const key = path.split('?', 1)[0]!
    const nth = (counts.get(key) ?? 0) + 1
    counts.set(key, nth)
    countedBody(request, response, (bytes) => count(key, bytes))
    const name = key.split('/').at(-2) ?? ''
    const file = truthOf(behaviour, name, world.visit, headers)
    const etag = `"${digest(file).slice(0, 32)}"`
    const origin = `http://${headers.host}`
    behaviour.answer({ request, response, file, etag, nth, visit: world.visit, path, origin })
  }

  const own = new Map(
    behaviours.filter(({ place }) => place === 'same').map((each) => [each.name, each]),
  )
  const site = await startSite((request, response) => {
    if (isCut) return request.destroy() !== undefined
    const url = new URL(request.url ?? '/', 'http://site')
    const [, , place, name] = url.pathname.split('/')
    const behaviour = url.pathname.startsWith(`${filesPath}/same/`) ? own.get(name!) : undefined
    if (behaviour && place === 'same') answerAs(behaviour, request, response)
    else if (url.pathname === '/login') sendPage({ response })
    else if (url.pathname === '/cookie')
      response.writeHead(204, { 'set-cookie': cookieOf(url.search.slice(1)) }).end()
    else return false
    return true
  })
  const commit = behaviours.some(({ pinned }) => pinned) ? await commitOf(hub) : ''
  const script = { 'content-type': 'text/javascript; charset=utf-8' }
  site.answers.set('/conformance-worker.js', { headers: script, body: workerScript })
  site.answers.set('/conformance-module.js', { headers: script, body: workerScript })

  const world: World = {
    url: site.url,
    hubs,
    visit: 'first',
    cost,
    address(behaviour, request) {
      const origin = behaviour.place === 'same' ? site.url.slice(0, -1) : origins.get(behaviour)
      const path = pathOf(behaviour, request)
      return origin + (behaviour.pinned ? path.replace('/main/', `/${commit}/`) : path)
    },
    cut() {
      isCut = true
      for (const server of servers) server.closeAllConnections()
    },
    async close() {
      await Promise.all([site.close(), ...servers.map((server) => closeServer(server))])
    },
  }
  for (const behaviour of behaviours) {
    if (behaviour.place === 'same') continue
    if (behaviour.place === 'hub') {
      if (!hub) throw new Error('Behaviours behind proxies need a hub.')
      const terms = { visit: () => world.visit, isCut: () => isCut }
      const proxies = await startProxies(hub, behaviour, terms)
      servers.push(...proxies.servers)
      hubs.push(proxies.origin)
      origins.set(behaviour, proxies.origin)
      continue
    }
    const server = createServer(listenerOf(behaviour))
    const port = await listenLocally(server)
    servers.push(server)
    origins.set(behaviour, `http://127.0.0.1:${port}`)
  }
  if (behaviours.some(({ policy }) => policy)) {
    const policy = `connect-src 'self' ${hubs.join(' ')}`
    for (const [path, answer] of site.answers) {
      const headers = { ...answer.headers, 'content-security-policy': policy }
      site.answers.set(path, { ...answer, headers })
    }
  }
  return world
}

function openTo(
  { place }: Behaviour,
  { headers }: IncomingMessage,
  response: ServerResponse,
): void {
  response.setHeader('access-control-allow-origin', headers.origin ?? '*')
  response.setHeader('access-control-allow-credentials', 'true')
  const asked = headers['access-control-request-headers']
  if (asked !== undefined) response.setHeader('access-control-allow-headers', asked)
  if (place === 'exposed') response.setHeader('access-control-expose-headers', exposedHeaders)
}

/** The commit of all files of the hub. */
async function commitOf(hub: RunningHub | undefined): Promise<string> {
  const response = await fetch(`${hub?.url}/api/models/${hubRepo}/revision/main`)
  const { sha } = (await response.json()) as { sha: string }
  return sha
}

function cookieOf(text: string): string {
  const ends = text.endsWith('=') ? '; max-age=0' : ''
  return `${text}; path=/${ends}`
}
