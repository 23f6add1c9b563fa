// Hub API besides files: the token's account, rights on a repository, CAS tokens, and refusals for endpoints that
// this hub does not have.

import { accountOf, readable, repository, visible, writable } from './access.ts'
import { readJson } from './body.ts'
import { sealFor } from './cas-tokens.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, REPO, TYPE } from './routing.ts'
import type { HubEnv, HubRequest } from './environment.ts'
import type { MiddlewareHandler } from 'hono'
import type { Hono } from 'hono/tiny'

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
