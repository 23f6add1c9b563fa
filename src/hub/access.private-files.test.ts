// All routes x all credentials for the file of a private repository: what each credential may learn. docs/security.md
// contains the table below; a test compares the two.

import { readdir, readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { manualClock } from './testing/manualClock.ts'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const accessTokens = [
  { token: 'hf_tester', write: ['me/vad'] },
  { token: 'hf_reader', read: ['me/vad'] },
  { token: 'hf_other', write: ['me/other'] },
]

const credentials = [
  'none',
  'unknown',
  "other repository's",
  'read',
  'write',
  "other's CAS",
  'CAS read',
  'CAS write',
  'expired CAS',
  'CAS of when it was public',
] as const

type Statuses = readonly number[]

/** Statuses in the order of `credentials`. */
const routes: readonly (readonly [name: string, method: string, statuses: Statuses])[] = [
  ['resolve', 'GET', [401, 401, 404, 302, 302, 401, 401, 401, 401, 401]],
  ['raw', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['page of links', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['info', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['tree', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['paths-info', 'POST', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['read token', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['write token', 'GET', [401, 401, 403, 403, 200, 401, 401, 401, 401, 401]],
  ['preupload', 'POST', [401, 401, 403, 403, 200, 401, 401, 401, 401, 401]],
  ['batch', 'POST', [401, 401, 403, 403, 200, 401, 401, 401, 401, 401]],
  ['commit', 'POST', [401, 401, 403, 403, 400, 401, 401, 401, 401, 401]],
  ['settings', 'PUT', [401, 401, 403, 403, 400, 401, 401, 401, 401, 401]],
  ['refs', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['commits', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['large files', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['right to read', 'GET', [401, 401, 404, 200, 200, 401, 401, 401, 401, 401]],
  ['right to write', 'GET', [401, 401, 403, 403, 200, 401, 401, 401, 401, 401]],
  ['branch', 'POST', [401, 401, 403, 403, 409, 401, 401, 401, 401, 401]],
  ['branch', 'DELETE', [401, 401, 403, 403, 404, 401, 401, 401, 401, 401]],
  ['tag', 'POST', [401, 401, 403, 403, 400, 401, 401, 401, 401, 401]],
  ['tag', 'DELETE', [401, 401, 403, 403, 404, 401, 401, 401, 401, 401]],
  ['squash', 'POST', [401, 401, 403, 403, 404, 401, 401, 401, 401, 401]],
  ['copies', 'POST', [401, 401, 404, 403, 200, 401, 401, 401, 401, 401]],
  ['duplicate', 'POST', [401, 401, 404, 403, 409, 401, 401, 401, 401, 401]],
  ['create', 'POST', [401, 401, 403, 403, 409, 401, 401, 401, 401, 401]],
  ['delete', 'DELETE', [401, 401, 403, 403, 400, 401, 401, 401, 401, 401]],
  ['move', 'POST', [401, 401, 403, 403, 400, 401, 401, 401, 401, 401]],
  ['list', 'GET', [200, 401, 200, 200, 200, 401, 401, 401, 401, 401]],
  ['reconstruction v1', 'GET', [401, 401, 401, 401, 401, 404, 200, 200, 401, 401]],
  ['reconstruction v2', 'GET', [401, 401, 401, 401, 401, 404, 200, 200, 401, 401]],
  ['file', 'HEAD', [401, 401, 401, 401, 401, 404, 200, 200, 401, 401]],
  ['xorb', 'HEAD', [401, 401, 401, 401, 401, 404, 200, 200, 401, 401]],
  ['chunk', 'GET', [401, 401, 401, 401, 401, 404, 200, 200, 401, 401]],
  ['shard', 'POST', [401, 401, 401, 401, 401, 400, 403, 400, 401, 403]],
  ['xorb', 'POST', [401, 401, 401, 401, 401, 400, 403, 400, 401, 403]],
  ['xorb bytes', 'GET', [403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
  ['object bytes', 'GET', [403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
  ['object bytes', 'PUT', [403, 403, 403, 403, 403, 403, 403, 403, 403, 403]],
]

/** A private repository with one file, requests for it by every route, and every credential. */
async function openWalk() {
  const clock = manualClock()
  const hub = await startTestHub({
    accessTokens,
    private: ['me/other'],
    listings: true,
    clock,
  })
  await putModel(hub)
  await putOther(hub)
  const cas = async (repo: string, scope: string, token?: string): Promise<string> => {
    const path = `/api/models/${repo}/xet-${scope}-token/main`
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await hub.get(path, { headers })
    return ((await response.json()) as { accessToken: string }).accessToken
  }
  const owner = { authorization: 'Bearer hf_tester' }
  const expired = await cas('me/vad', 'write', 'hf_tester')
  const [entry] = (await (
    await hub.get('/api/models/me/vad/tree/main', { headers: owner })
  ).json()) as { xetHash: string; lfs: { oid: string } }[]
  const { xetHash, lfs } = entry!
  const redirect = await hub.get('/me/vad/resolve/main/model.onnx', { headers: owner })
  const presigned = redirect.headers.get('location')!
  clock.pass(hub.hub.settings.tokenLifetimeMs + 1000)
  const read = await cas('me/vad', 'read', 'hf_reader')
  const early = await cas('me/vad', 'read')
  hub.hub.private.add('me/vad')
  const plan = await hub.get(`/v2/reconstructions/${xetHash}`, {
    headers: { authorization: `Bearer ${read}` },
  })
  const [xorb] = Object.keys(((await plan.json()) as { xorbs: object }).xorbs)
  const tokens: Record<(typeof credentials)[number], string | undefined> = {
    none: undefined,
    unknown: 'hf_unknown',
    "other repository's": 'hf_other',
    read: 'hf_reader',
    write: 'hf_tester',
    "other's CAS": await cas('me/other', 'write', 'hf_other'),
    'CAS read': read,
    'CAS write': await cas('me/vad', 'write', 'hf_tester'),
    'expired CAS': expired,
    'CAS of when it was public': early,
  }
  const api = '/api/models/me/vad'
  const chunk = 'ab'.repeat(32)
  const targets: Record<string, readonly [path: string, body?: string]> = {
    resolve: ['/me/vad/resolve/main/model.onnx'],
    raw: ['/me/vad/raw/main/model.onnx'],
    'page of links': ['/me/vad/resolve/main/'],
    info: [`${api}/revision/main`],
    tree: [`${api}/tree/main`],
    'paths-info': [`${api}/paths-info/main`, '{"paths":["model.onnx"]}'],
    'read token': [`${api}/xet-read-token/main`],
    'write token': [`${api}/xet-write-token/main`],
    preupload: [`${api}/preupload/main`, '{"files":[]}'],
    batch: [
      '/me/vad.git/info/lfs/objects/batch',
      `{"operation":"upload","objects":[{"oid":"${lfs.oid}","size":1}]}`,
    ],
    // A change that is refused even with the right to make it: the walk must not change the repository.
    commit: [`${api}/commit/main`, '{"key":"nothing","value":{"path":"a"}}'],
    settings: [`${api}/settings`, '{"nothing":true}'],
    refs: [`${api}/refs`],
    commits: [`${api}/commits/main`],
    'large files': [`${api}/lfs-files`],
    'right to read': [`${api}/auth-check`],
    'right to write': [`${api}/auth-check/write`],
    branch: [`${api}/branch/main`, '{}'],
    'DELETE branch': [`${api}/branch/none`],
    tag: [`${api}/tag/main`, '{"tag":"HEAD"}'],
    'DELETE tag': [`${api}/tag/none`],
    squash: [`${api}/super-squash/none`, '{}'],
    copies: [
      `${api}/lfs-files/duplicate`,
      `{"target":{"type":"model","name":"me/vad"},"files":[{"sha256":"${lfs.oid}"}]}`,
    ],
    duplicate: [`${api}/duplicate`, '{"repository":"me/vad"}'],
    create: ['/api/repos/create', '{"name":"vad","organization":"me"}'],
    delete: ['/api/repos/delete', '{"name":"vad","organization":"me","nothing":true}'],
    move: ['/api/repos/move', '{"fromRepo":"me/vad","toRepo":"me/vad","nothing":true}'],
    list: ['/api/models'],
    'reconstruction v1': [`/v1/reconstructions/${xetHash}`],
    'reconstruction v2': [`/v2/reconstructions/${xetHash}`],
    file: [`/v1/files/${xetHash}`],
    xorb: [`/v1/xorbs/default/${xorb!}`],
    chunk: [`/v1/chunks/default/${chunk}`],
    shard: ['/v1/shards', 'no shard'],
    'POST xorb': [`/v1/xorbs/default/${xorb!}`, 'no xorb'],
    'xorb bytes': [`${hub.storageUrl}/xorbs/default/${xorb!}`],
    'PUT object bytes': [`${hub.storageUrl}/lfs/${lfs.oid}/for/me%2Fvad/none`, 'no object'],
    'object bytes': [`${hub.storageUrl}/lfs/${lfs.oid}/as/model.onnx`],
  }
  const ask = async (
    route: string,
    method: string,
    token: string | undefined,
    name = 'vad',
  ): Promise<Response> => {
    const target = targets[`${method} ${route}`] ?? targets[route]!
    const [path, body] = target.map((text) => text?.replaceAll('vad', name)) as [string, string?]
    return hub.get(path, {
      method,
      ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
      ...(body !== undefined && { body }),
    })
  }
  /** The kind of a route, as the log and a front see it. */
  const kindOf = (route: string, method: string): string => {
    const [path] = targets[`${method} ${route}`] ?? targets[route]!
    return hub.hub.kindOf(new Request(new URL(path, hub.url), { method }))
  }
  return { hub, clock, presigned, tokens, ask, kindOf, secrets: [xetHash, lfs.oid, xorb!] }
}

async function putOther(hub: TestHub): Promise<void> {
  const response = await hub.get('/api/models/me/other/commit/main', {
    method: 'POST',
    headers: { authorization: 'Bearer hf_other' },
    body: JSON.stringify({ key: 'file', value: { path: 'a.txt', content: 'hi' } }),
  })
  expect(response.status).toBe(200)
}

test('a private file is served by no route to a caller without rights', async () => {
  const { tokens, ask, secrets, kindOf } = await openWalk()
  await expectAllKinds(kindOf)
  for (const [route, method, expected] of routes) {
    const statuses: number[] = []
    for (const credential of credentials) {
      const response = await ask(route, method, tokens[credential])
      statuses.push(response.status)
      const text = (await response.text()) + JSON.stringify([...response.headers])
      // A refusal may repeat the request, and nothing else.
      const leaked = secrets.filter(
        (secret) => !response.url.includes(secret) && text.includes(secret),
      )
      if (response.status >= 400)
        expect([route, credential, leaked]).toEqual([route, credential, []])
    }
    expect([route, ...statuses]).toEqual([route, ...expected])
  }
})

test('a private repository is refused like one that does not exist', async () => {
  const { tokens, ask } = await openWalk()
  for (const [route, method] of routes.filter(([name]) => name !== 'list')) {
    for (const credential of ['none', 'unknown', "other repository's"] as const) {
      const [hidden, absent] = await Promise.all(
        ['vad', 'nil'].map(async (name) => {
          const response = await ask(route, method, tokens[credential], name)
          const code = response.headers.get('x-error-code')
          return [route, response.status, code, (await response.text()).replaceAll('nil', 'vad')]
        }),
      )
      expect(hidden).toEqual(absent)
    }
  }
})

/** Fails when a kind of route is not in the walk. */
async function expectAllKinds(
  kindOf: Awaited<ReturnType<typeof openWalk>>['kindOf'],
): Promise<void> {
  const walked = new Set(routes.map(([route, method]) => `as('${kindOf(route, method)}')`))
  const marks = new Set<string>()
  for (const name of await readdir(new URL('.', import.meta.url))) {
    if (!name.endsWith('.ts') || name.endsWith('.test.ts') || name === 'routing.ts') continue
    const text = await readFile(new URL(name, import.meta.url), 'utf8')
    for (const [mark] of text.matchAll(/\bas\('[\w-]+'\)/g)) marks.add(mark)
  }
  const without = [...marks].filter((mark) => !walked.has(mark))
  expect(without.toSorted()).toEqual(["as('absent')", "as('control')", "as('optional')"])
}

test('a presigned URL opens only its object, until its deadline', async () => {
  const { clock, hub, presigned } = await openWalk()
  expect((await fetch(presigned)).status).toBe(200)
  expect((await fetch(presigned.replace('Expires=', 'Expires=9'))).status).toBe(403)
  expect((await fetch(presigned.replace(/lfs\/[0-9a-f]{4}/, 'lfs/0000'))).status).toBe(403)
  clock.pass(hub.hub.settings.urlLifetimeMs)
  expect((await fetch(presigned)).status).toBe(403)
})

test('the table in docs/security.md equals this one', async () => {
  const page = await readFile(new URL('../../docs/security.md', import.meta.url), 'utf8')
  for (const [route, method, statuses] of routes) {
    expect(page).toContain(`| ${method} ${route} | ${statuses.join(' | ')} |`)
  }
  expect(page).toContain(`| route | ${credentials.join(' | ')} |`)
})
