// Hub API besides files: the token's account, rights on a repository, CAS tokens, and refusals for endpoints that
// this hub does not have. A CAS token is given to callers with rights on a repository, and admitted while what it was
// given for still holds.
import { accountOf, opens, readable, repository, visible, writable } from './access.ts'
import { readJson } from './body.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, REPO, TYPE, type HubEnv, type HubRequest } from './routing.ts'
import { openToken, sealToken, type CasToken } from './signing.ts'
import { parseRepoKey, repoKey } from './storage/repo-names.ts'
import type { MiddlewareHandler } from 'hono'
import type { Hono } from 'hono/tiny'
import type { HubContext, Rights } from './context.ts'

/** Serves the endpoints that clients call before and after transfers, and CAS tokens for callers with rights. */
export function hubApiRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.get('/api/whoami-v2', as('account'), describeAccount)
  app.post('/api/validate-yaml', as('account'), acceptCard)
  app.get(`${of}/auth-check`, as('account'), repository, visible, readable, () => jsonAnswer({}))
  app.get(`${of}/auth-check/write`, as('account'), repository, writable, () => jsonAnswer({}))
  app.get(`${of}/xet-read-token/:revision?`, as('token'), repository, visible, readable, (c) =>
    giveToken(c, 'read'),
  )
  app.get(`${of}/xet-write-token/:revision?`, as('token'), repository, writable, (c) =>
    giveToken(c, 'write'),
  )
  app.post('/v1/telemetry', as('optional'), answerOptional(204))
  app.get('/api/telemetry/:topic{.+}', as('optional'), answerOptional(204))
  app.get('/api/agent-harnesses', as('optional'), answerOptional(404))
  app.post('/v1/xorb-grants', as('optional'), answerOptional(404))
  for (const path of absentPaths) {
    app.all(`/api/${path}`, as('absent'), refuseAbsent)
    app.all(`/api/${path}/:rest{.+}`, as('absent'), refuseAbsent)
  }
  for (const verb of absentVerbs) {
    app.all(`${of}/${verb}`, as('absent'), refuseAbsent)
    app.all(`${of}/${verb}/:rest{.+}`, as('absent'), refuseAbsent)
  }
}

/** Endpoints of the real hub that are not about files, by the first part of the path under `/api/`. */
const absentPaths = words(`
  buckets collections daily_papers discussions jobs kernels organizations papers quicksearch scheduled-jobs search
  settings users datasets-tags-by-type models-tags-by-type
  spaces/hardware spaces/semantic-search spaces/templates spaces/zero-gpu`)

/** The same, by the part of the path after a repository. */
const absentVerbs = words(`
  dev-mode discussions hardware leaderboard lfs-files/batch like likers logs parquet pause resource-group
  restart runtime safetensors-metadata secrets sleeptime user-access-request variables volumes`)

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}

const refuseAbsent: MiddlewareHandler<HubEnv> = () => {
  throw new HubRefusal(
    501,
    'This hub holds files only. It has no accounts, discussions, collections, papers, likes, tags, access requests, buckets, jobs, webhooks or running spaces, and removes no single objects.',
  )
}

const longestOptional = 65_536

/**
 * Answers what clients send besides their work: `hf_xet` reports and asks for grants, `huggingface_hub` reports and asks
 * for a list of programs. The body is read to keep the connection usable, and not kept.
 */
function answerOptional(status: 204 | 404): MiddlewareHandler<HubEnv> {
  return async (c) => {
    let length = 0
    for await (const bytes of c.req.raw.body ?? []) {
      length += bytes.byteLength
      if (length > longestOptional) {
        throw new HubRefusal(413, `A body may have at most ${longestOptional} bytes here.`)
      }
    }
    if (status === 404) throw new HubRefusal(404, 'There is nothing at this path.')
    return new Response(null, { status })
  }
}

/** The hub has tokens and no accounts: a token holder has the name that a front gives it, or the same as all others. */
function describeAccount(c: HubRequest): Response {
  const rights = c.env.hub.guard.rightsOf(c.req.raw, c.env.caller)
  if (rights === undefined) throw new HubRefusal(401, 'Invalid username or password.')
  const role = (rights.write ?? []).length > 0 ? 'write' : 'read'
  return jsonAnswer({
    type: 'user',
    id: accountOf(c),
    name: accountOf(c),
    fullname: 'Holder of a token of this hub',
    orgs: [],
    isPro: false,
    auth: { type: 'access_token', accessToken: { displayName: 'token', role } },
  })
}

/** Model cards are stored unchanged, so any card is valid. */
async function acceptCard(c: HubRequest): Promise<Response> {
  const { content } = await readJson(c.req.raw)
  if (typeof content !== 'string') throw new HubRefusal(400, 'content must be a text.')
  return jsonAnswer({ errors: [], warnings: [] })
}

async function giveToken(c: HubRequest, scope: 'read' | 'write'): Promise<Response> {
  const { accessToken, exp, casUrl } = await sealFor(c, scope)
  return jsonAnswer({ accessToken, exp, casUrl }, 200, {
    'x-xet-access-token': accessToken,
    'x-xet-token-expiration': String(exp),
    'x-xet-cas-url': casUrl,
  })
}

/**
 * A new CAS token with its metadata for clients.
 *
 * @param c whose repository the token is for; its rights were checked
 * @param scope of the token
 */
export async function sealFor(
  c: HubRequest,
  scope: 'read' | 'write',
): Promise<{ accessToken: string; exp: number; casUrl: string }> {
  const { hub, caller } = c.env
  const { repo, rights } = c.var
  const exp = Math.ceil((hub.clock.now() + hub.settings.tokenLifetimeMs) / 1000)
  const carry = caller?.carry
  const uploader = hub.guard.holderOf(c.req.raw, caller)
  const generation = await hub.repos.generation(repo)
  const given = caller === undefined ? 'token' : 'front'
  const token: CasToken = {
    scope,
    repo: repoKey(repo),
    by: scope === 'write' || opens(rights, repo) ? given : 'public',
    exp,
    ...(generation !== undefined && { generation }),
    ...(uploader !== undefined && { uploader }),
    ...(carry !== undefined && { carry }),
  }
  return { accessToken: sealToken(hub.secrets, token), exp, casUrl: hub.hubOrigin(c.req.raw) }
}

/**
 * Admits requests with a CAS token.
 *
 * @param scope `write`: tokens for reading are refused
 */
export function casToken(scope: 'read' | 'write'): MiddlewareHandler<HubEnv> {
  return async (c, next) => {
    const { hub } = c.env
    const token = openToken(hub.secrets, c.req.raw.headers.get('authorization'), hub.clock.now())
    if (scope === 'write' && token.scope !== 'write') {
      throw new HubRefusal(403, 'This CAS token is for reading. Ask the hub for a write token.')
    }
    if (!(await holds(hub, token))) {
      throw new HubRefusal(
        401,
        'What this CAS token was given for has changed since. Ask the hub for a new one.',
      )
    }
    c.set('token', token)
    await next()
  }
}

/**
 * Whether the guard would still give a token: the repository may have become private, or another one of the same name
 * may have taken its place.
 */
async function holds({ guard, repos }: HubContext, token: CasToken): Promise<boolean> {
  const repo = parseRepoKey(token.repo)
  // A token for writing may be older than its repository, which the commit after the uploads creates.
  const early = token.scope === 'write' && token.generation === undefined
  if (!early && (await repos.generation(repo)) !== token.generation) return false
  const rights = rightsOf(guard, token)
  return token.scope === 'write' ? guard.mayWrite(rights, repo) : guard.mayRead(rights, repo)
}

function rightsOf(guard: HubContext['guard'], token: CasToken): Rights | undefined {
  if (token.by === 'token') return guard.rightsOfHolder(token.uploader)
  // A front knows the rights of its callers at requests with their own credential only.
  return token.by === 'front' ? { [token.scope]: [token.repo] } : undefined
}
