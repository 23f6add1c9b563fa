import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Answers } from './network-first.ts'
import type { AnswerRules } from './network-first.ts'
import { metadataRules } from './network-first.ts'
import { runtimeRules } from './network-first.ts'

const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'
const branch = 'https://hub.example/a/b/raw/main/x.gguf'
const pinned = branch.replace('main', commit)
const cdn = 'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/dist/ort.wasm'
const minutes = 60_000

let kept: Map<string, Response>
let refusesToKeep: boolean

beforeEach(() => {
  vi.useFakeTimers()
  kept = new Map()
  refusesToKeep = false
  const cache = {
    match: async (url: string) => kept.get(url)?.clone(),
    put: async (url: string, response: Response) => {
      if (refusesToKeep) throw new DOMException('full', 'QuotaExceededError')
      kept.delete(url)
      kept.set(url, response)
    },
    keys: async () => [...kept.keys()],
    delete: async (url: string) => kept.delete(url),
  }
  vi.stubGlobal('caches', { open: async () => cache })
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

type Network = (request: Request) => Promise<Response> | Response

interface Subject {
  /** Requests to the network. */
  readonly asked: Request[]
  network: Network
  ask(url: string, init?: RequestInit): Promise<Response>
}

function start(network: Network, rules: Partial<AnswerRules> = {}): Subject {
  const subject = {
    asked: [] as Request[],
    network,
    ask: async (url: string, init?: RequestInit) => await answers.answer(new Request(url, init)),
  }
  const answers = new Answers(
    { ...metadataRules, ...rules },
    async (input) => {
      subject.asked.push(input as Request)
      return await subject.network(input as Request)
    },
    'https://app.example/',
  )
  return subject
}

const offline: Network = () => {
  throw new TypeError('Failed to fetch')
}

async function seen(response: Response): Promise<[status: number, text: string]> {
  return [response.status, await response.text()]
}

test('a branch is fresh for five minutes, then the network is asked', async () => {
  const subject = start(() => new Response('old'))
  expect(await seen(await subject.ask(branch))).toEqual([200, 'old'])
  subject.network = () => new Response('new')
  vi.advanceTimersByTime(4 * minutes)
  expect(await seen(await subject.ask(branch))).toEqual([200, 'old'])
  vi.advanceTimersByTime(2 * minutes)
  expect(await seen(await subject.ask(branch))).toEqual([200, 'new'])
  expect(subject.asked).toHaveLength(2)
})

test('a commit never expires', async () => {
  const subject = start(() => new Response('old', { headers: { 'x-request-id': '1' } }))
  await subject.ask(pinned)
  vi.advanceTimersByTime(1e6 * minutes)
  expect(await seen(await subject.ask(pinned))).toEqual([200, 'old'])
  expect(subject.asked).toHaveLength(1)
})

test('at a commit, an answer that may be that of a server in front of the hub is asked for again', async () => {
  const blocked = '{"error":"blocked by the company"}'
  const subject = start(() => new Response(blocked))
  expect(await seen(await subject.ask(pinned))).toEqual([200, blocked])
  subject.network = () => new Response('file', { headers: { 'x-request-id': '1' } })
  vi.advanceTimersByTime(6 * minutes)
  expect(await seen(await subject.ask(pinned))).toEqual([200, 'file'])
  vi.advanceTimersByTime(1e6 * minutes)
  expect(await seen(await subject.ask(pinned))).toEqual([200, 'file'])
  expect(subject.asked).toHaveLength(2)
})

test.each<[string, Network]>([
  ['no network', offline],
  ['a hub that is down', () => new Response('down', { status: 503 })],
  ['a hub that is busy', () => new Response('wait', { status: 429 })],
])('with %s the stored response is used at any age', async (_, network) => {
  const subject = start(() => new Response('old'))
  await subject.ask(branch)
  vi.advanceTimersByTime(1e6 * minutes)
  subject.network = network
  const answer = await subject.ask(branch)
  expect(answer.headers.get('x-modelferry')).toBe('hit')
  expect(await seen(answer)).toEqual([200, 'old'])
})

test('the wait for an unresponsive network is limited', async () => {
  const subject = start(() => new Response('old'))
  await subject.ask(branch)
  vi.advanceTimersByTime(6 * minutes)
  subject.network = () => new Promise(() => undefined)
  const answer = subject.ask(branch)
  await vi.advanceTimersByTimeAsync(5000)
  expect(await seen(await answer)).toEqual([200, 'old'])
})

test('without a stored response a failure is returned', async () => {
  const subject = start(offline)
  await expect(subject.ask(branch)).rejects.toThrow('Failed to fetch')
  subject.network = () => new Response('down', { status: 503 })
  expect(await seen(await subject.ask(branch))).toEqual([503, 'down'])
  subject.network = offline
  await expect(subject.ask(branch)).rejects.toThrow('Failed to fetch')
})

test('a reload gets a fresh response if there is one', async () => {
  const subject = start(() => new Response('old'))
  await subject.ask(branch)
  subject.network = () => new Response('new')
  expect(await seen(await subject.ask(branch, { cache: 'no-cache' }))).toEqual([200, 'new'])
  subject.network = offline
  expect(await seen(await subject.ask(branch, { cache: 'reload' }))).toEqual([200, 'new'])
})

const missing = (code: string): Response =>
  new Response('none', { status: 404, headers: { 'x-error-code': code } })

test.each<[what: string, keeps: boolean, answer: () => Response]>([
  ['a missing file', true, () => missing('EntryNotFound')],
  ['a missing file without an error code', true, () => new Response('none', { status: 404 })],
  ['a missing repository', false, () => missing('RepoNotFound')],
  ['a missing revision', false, () => missing('RevisionNotFound')],
  ['a refusal', false, () => new Response('no', { status: 401 })],
  ['a page', false, () => new Response('x', { headers: { 'content-type': 'text/html' } })],
  ['a body of 4 MiB', true, () => new Response('x'.repeat(4 * 2 ** 20))],
  ['more than that', false, () => new Response('x'.repeat(4 * 2 ** 20 + 1))],
  ['more, announced', false, () => new Response('x', { headers: { 'content-length': '4200000' } })],
])('%s is kept: %s', async (_, keeps, answer) => {
  const subject = start(answer)
  const got = await seen(await subject.ask(branch))
  expect(got).toEqual(await seen(answer()))
  expect(kept.size).toBe(keeps ? 1 : 0)
})

test('an incomplete body is an error, and is not stored', async () => {
  const cut = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(10))
      controller.error(new TypeError('network error'))
    },
  })
  const subject = start(() => new Response(cut))
  await expect(subject.ask(branch)).rejects.toThrow('network error')
  expect(kept.size).toBe(0)
})

test('a refusal deletes the stored response', async () => {
  const subject = start(() => new Response('old'))
  await subject.ask(branch)
  vi.advanceTimersByTime(6 * minutes)
  subject.network = () => new Response('gated', { status: 401 })
  expect(await seen(await subject.ask(branch))).toEqual([401, 'gated'])
  expect(kept.size).toBe(0)
})

test('a response of the app for a signed-in user is not given to others', async () => {
  const own = 'https://app.example/hub/api/models/a/b/tree/main'
  const subject = start(({ credentials }) =>
    credentials === 'omit' ? new Response('', { status: 401 }) : new Response('private'),
  )
  expect(await seen(await subject.ask(own))).toEqual([200, 'private'])
  expect(kept.size).toBe(0)
  subject.network = () => new Response('', { status: 401 })
  expect(await seen(await subject.ask(own))).toEqual([401, ''])
})

test('above the limit the oldest is removed', async () => {
  const subject = start(() => new Response('x'), { most: 2 })
  for (const name of ['a', 'b', 'a', 'c']) await subject.ask(branch + name)
  expect([...kept.keys()]).toEqual([`${branch}b`, `${branch}c`])
})

test('a full cache does not fail a response', async () => {
  refusesToKeep = true
  const subject = start(() => new Response('old'))
  expect(await seen(await subject.ask(branch))).toEqual([200, 'old'])
})

test('two concurrent requests share one fetch, and each gets the whole body', async () => {
  const subject = start(() => new Response('old'))
  const both = await Promise.all([subject.ask(branch), subject.ask(`${branch}#part`)])
  expect(await Promise.all(both.map(seen))).toEqual([
    [200, 'old'],
    [200, 'old'],
  ])
  expect(subject.asked).toHaveLength(1)
})

test('two concurrent requests that are refused each send their own', async () => {
  const subject = start(() => new Response('no', { status: 403 }))
  const both = await Promise.all([subject.ask(branch), subject.ask(branch)])
  expect(await Promise.all(both.map(seen))).toEqual([
    [403, 'no'],
    [403, 'no'],
  ])
})

test('headers are kept, with the length of the delivered body', async () => {
  const link = '<https://hub.example/next>; rel="next"'
  const headers = { link, 'content-encoding': 'br', 'content-length': '3', vary: '*' }
  const subject = start(() => new Response('longer', { headers }))
  await subject.ask(branch)
  const answer = await subject.ask(branch)
  expect(Object.fromEntries(answer.headers)).toEqual({
    link,
    'content-length': '6',
    'content-type': 'text/plain;charset=UTF-8',
    'x-modelferry': 'hit',
  })
})

test('a runtime is requested by CORS without credentials, gets a content type, and is fetched only once', async () => {
  const subject = start(() => new Response('bytes'), runtimeRules)
  const answer = await subject.ask(cdn, { mode: 'no-cors', credentials: 'include' })
  expect(answer.headers.get('content-type')).toBe('application/wasm')
  expect(subject.asked).toMatchObject([{ url: cdn, mode: 'cors', credentials: 'omit' }])
  vi.advanceTimersByTime(1e6 * minutes)
  subject.network = offline
  expect(await seen(await subject.ask(cdn))).toEqual([200, 'bytes'])
})

test('a missing runtime is not stored', async () => {
  const subject = start(() => missing('EntryNotFound'), runtimeRules)
  expect((await subject.ask(cdn)).status).toBe(404)
  expect(kept.size).toBe(0)
})

const listing = 'https://hub.example/api/models/a/b/tree/main?recursive=true'

test.each([
  ['in the address', `${listing}&token=hf_secret`, {}],
  ['in a header', listing, { headers: { authorization: 'Bearer hf_secret' } }],
])('what a token gets is kept without the token, for it alone: %s', async (_, url, init) => {
  const subject = start(() => new Response('private'))
  await subject.ask(url, init)
  expect([...kept.keys()]).toEqual([
    expect.stringMatching(/tree\/main\?recursive=true&modelferry-grant=[0-9a-f]{32}$/),
  ])
  // The credential may have been withdrawn.
  await subject.ask(url, init)
  expect(subject.asked).toHaveLength(2)
  subject.network = offline
  expect(await seen(await subject.ask(url, init))).toEqual([200, 'private'])
  await expect(subject.ask(listing)).rejects.toThrow('Failed to fetch')
  await expect(subject.ask(`${listing}&token=hf_other`)).rejects.toThrow('Failed to fetch')
})

test('a public response is returned for a token as well, but a public 404 is not', async () => {
  const subject = start(() => new Response('public'))
  await subject.ask(listing)
  expect(await seen(await subject.ask(`${listing}&token=hf_secret`))).toEqual([200, 'public'])
  subject.network = () => new Response('no', { status: 404 })
  await subject.ask(branch)
  subject.network = () => new Response('private')
  expect(await seen(await subject.ask(`${branch}?token=hf_secret`))).toEqual([200, 'private'])
})

test('a HEAD is stored without a body, apart from the response to a GET', async () => {
  const headers = { 'content-length': '134', 'x-repo-commit': commit }
  const subject = start(
    ({ method }) => new Response(method === 'HEAD' ? null : 'text', { headers }),
  )
  const head = await subject.ask(branch, { method: 'HEAD' })
  expect(head.headers.get('content-length')).toBe('134')
  expect(await seen(await subject.ask(branch))).toEqual([200, 'text'])
  subject.network = offline
  vi.advanceTimersByTime(6 * minutes)
  const later = await subject.ask(branch, { method: 'HEAD' })
  expect(later.headers.get('content-length')).toBe('134')
  expect(await seen(later)).toEqual([200, ''])
  expect(await seen(await subject.ask(branch))).toEqual([200, 'text'])
})

test('a HEAD is answered by the stored response to a GET', async () => {
  const subject = start(() => new Response('text'))
  await subject.ask(pinned)
  subject.network = offline
  const head = await subject.ask(pinned, { method: 'HEAD' })
  expect(head.headers.get('content-length')).toBe('4')
  expect(await seen(head)).toEqual([200, ''])
})

test('a HEAD of a missing file is repeated offline, for the same token only', async () => {
  const subject = start(() => new Response(null, { status: 404 }))
  const authorization = 'Bearer hf_one'
  const one = { method: 'HEAD', headers: { authorization } }
  expect(await seen(await subject.ask(branch, one))).toEqual([404, ''])
  subject.network = offline
  expect(await seen(await subject.ask(branch, one))).toEqual([404, ''])
  await expect(subject.ask(branch, { method: 'HEAD' })).rejects.toThrow('Failed to fetch')
})

test('a HEAD finds a file that was pushed after a HEAD had missed it, as a GET does', async () => {
  const subject = start(() => new Response(null, { status: 404 }))
  const head = { method: 'HEAD' }
  expect(await seen(await subject.ask(branch, head))).toEqual([404, ''])
  subject.network = () => new Response('text')
  expect(await seen(await subject.ask(branch))).toEqual([200, 'text'])
  expect(await seen(await subject.ask(branch, head))).toEqual([200, ''])
  expect(subject.asked).toHaveLength(2)
})

test.each([
  ['HEAD', 'GET', 404],
  ['HEAD', 'GET', 410],
  ['GET', 'HEAD', 404],
  ['GET', 'HEAD', 410],
])(
  'after a %s that misses a removed file, a %s is not answered by an older response (%i)',
  async (method, other, status) => {
    const subject = start(() => new Response('text'))
    for (const each of [other, method]) await subject.ask(branch, { method: each })
    subject.network = (request) =>
      new Response(request.method === 'HEAD' ? null : 'gone', { status })
    const asked = await subject.ask(branch, { method, cache: 'no-cache' })
    expect(asked.status).toBe(status)
    expect((await subject.ask(branch, { method: other })).status).toBe(status)
  },
)

test.each([
  { cache: 'no-cache' },
  { cache: 'reload' },
  { headers: { 'cache-control': 'no-cache' } },
] as const)(
  'a request with %j gets an answer that was asked for after it, not that of a running request',
  async (init) => {
    let release: (response: Response) => void = () => undefined
    const subject = start(() => new Promise((resolve) => (release = resolve)))
    const running = subject.ask(branch)
    await vi.waitFor(() => expect(subject.asked).toHaveLength(1))
    subject.network = () => new Response('new')
    // The clock counts milliseconds: the second request is a later one.
    await vi.advanceTimersByTimeAsync(2)
    expect(await seen(await subject.ask(branch, init))).toEqual([200, 'new'])
    release(new Response('old'))
    expect(await seen(await running)).toEqual([200, 'old'])
    // The older answer was overtaken.
    subject.network = () => Response.error()
    expect(await seen(await subject.ask(branch))).toEqual([200, 'new'])
  },
)

test.each([405, 501, 400])(
  'a HEAD that is answered by %i deletes no stored response',
  async (status) => {
    const subject = start(() => new Response('text'))
    await subject.ask(branch)
    subject.network = () => new Response(null, { status })
    await subject.ask(branch, { method: 'HEAD', cache: 'no-cache' })
    subject.network = () => {
      throw new TypeError('offline')
    }
    expect(await seen(await subject.ask(branch))).toEqual([200, 'text'])
  },
)

test('a request that the policy leaves to the browser gets the stored answer where there is no network', async () => {
  const subject = start(
    () => new Response('{}', { headers: { 'content-type': 'application/json' } }),
  )
  await subject.ask(branch)
  vi.advanceTimersByTime(60 * minutes)
  subject.network = () => Response.redirect(`${branch}#modelferry`)
  vi.stubGlobal('navigator', { onLine: false })
  expect((await subject.ask(branch)).status).toBe(200)
  vi.stubGlobal('navigator', { onLine: true })
  expect((await subject.ask(branch)).status).toBe(302)
})

test('a 404 under a commit without the header of the hub is fresh for five minutes only', async () => {
  const subject = start(() => new Response('', { status: 404 }))
  await subject.ask(pinned)
  await subject.ask(pinned)
  expect(subject.asked).toHaveLength(1)
  vi.advanceTimersByTime(6 * minutes)
  subject.network = () => new Response('here')
  expect((await subject.ask(pinned)).status).toBe(200)
})
