// Calls that hub clients make beside those for files: the token's account, checks before an upload, and lists of commits.

import { readable, repository, visible, writable } from './access.ts'
import { readJson } from './body.ts'
import { HubRefusal, jsonAnswer } from './refusals.ts'
import { as, REPO, TYPE } from './routing.ts'
import type { Commit } from './context.ts'
import type { HubEnv, HubRequest } from './environment.ts'
import type { Hono } from 'hono/tiny'

const PAGE = 50
const MOST_PAGES = 1000

/** Serves what clients ask before and after they move files. */
export function clientCallRoutes(app: Hono<HubEnv>): void {
  const of = `/api/${TYPE}/${REPO}`
  app.get('/api/whoami-v2', as('account'), describeAccount)
  app.post('/api/validate-yaml', as('account'), acceptCard)
  app.get(`${of}/auth-check`, as('account'), repository, visible, readable, () => jsonAnswer({}))
  app.get(`${of}/auth-check/write`, as('account'), repository, writable, () => jsonAnswer({}))
  app.get(`${of}/commits/:revision`, as('commits'), repository, visible, listCommits)
}

/** The hub has tokens and no accounts, so every token holder has the same name. */
function describeAccount(c: HubRequest): Response {
  const rights = c.env.hub.guard.rightsOf(c.req.raw, c.env.caller)
  if (rights === undefined) throw new HubRefusal(401, 'Invalid username or password.')
  const role = (rights.write ?? []).length > 0 ? 'write' : 'read'
  return jsonAnswer({
    type: 'user',
    id: 'token-holder',
    name: 'token-holder',
    fullname: 'Holder of a token of this hub',
    orgs: [],
    isPro: false,
    auth: { type: 'access_token', accessToken: { displayName: 'token', role } },
  })
}

/** Model cards are stored as they are, so any is valid. */
async function acceptCard(c: HubRequest): Promise<Response> {
  const { content } = await readJson(c.req.raw)
  if (typeof content !== 'string') throw new HubRefusal(400, 'content must be a text.')
  return jsonAnswer({ errors: [], warnings: [] })
}

/** The commits that lead to a revision, newest first, in pages: `?p=0&limit=50`. */
async function listCommits(c: HubRequest): Promise<Response> {
  const { hub } = c.env
  const { repo } = c.var
  const limit = Math.min(readCount(c.req.query('limit')) || PAGE, PAGE)
  const page = Math.min(readCount(c.req.query('p')), MOST_PAGES)
  const listed: Commit[] = []
  let commit: Commit | undefined = c.var.commit
  for (let at = 0; commit !== undefined && at <= (page + 1) * limit; at++) {
    if (at >= page * limit) listed.push(commit)
    commit = commit.parent === null ? undefined : await hub.repos.find(repo, commit.parent)
  }
  const more = listed.length > limit
  const next = new URL(c.req.url)
  next.searchParams.set('p', String(page + 1))
  const link = `<${hub.hubOrigin(c.req.raw)}${next.pathname}${next.search}>; rel="next"`
  return jsonAnswer(
    listed
      .slice(0, limit)
      .map(({ oid, title, date }) => ({ id: oid, title, message: '', date, authors: [] })),
    200,
    more ? { link } : {},
  )
}

function readCount(text: string | undefined): number {
  return /^\d{1,6}$/.test(text ?? '') ? Number(text) : 0
}
