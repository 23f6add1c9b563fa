import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseList } from 'structured-headers'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createQueue } from '../queue/index.ts'
import { deferred } from './testing/deferred.ts'
import { testGateway, tokens } from './testing/test-gateway.ts'

afterEach(() => void vi.useRealTimers())

const bearer = (token: string): { headers: Record<string, string> } => ({
  headers: { authorization: `Bearer ${token}` },
})
const events = (lines: readonly { readonly event: string }[]): string[] =>
  lines.map(({ event }) => event)

/** Runs all pending microtasks and due timers. */
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0)

/** Reads a response to its end, like a client or a server. */
const drain = async (answer: Promise<Response>): Promise<Response> => {
  const response = await answer
  await response.clone().arrayBuffer()
  return response
}

test('a request is decided, admitted, passed on and answered', async () => {
  const gateway = testGateway()
  const response = await gateway.ask('/x', {
    headers: { authorization: `Bearer ${tokens.seed}`, origin: 'https://app.example' },
  })
  expect(response.status).toBe(200)
  expect(await response.text()).toBe('hello')
  const headers = Object.fromEntries(response.headers)
  expect(headers).toMatchObject({
    'x-auth-result': 'DB_TOKEN',
    'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    'access-control-allow-origin': 'https://app.example',
    vary: 'Origin',
    'ratelimit-policy': '"queue";q=3;w=1, "pending";q=15;qu="concurrent-requests"',
  })
  expect(headers).not.toHaveProperty('access-control-allow-credentials')
  expect(events(gateway.lines)).toEqual([
    'auth.decision',
    'queue.enter',
    'queue.start',
    'request.end',
  ])
  expect(gateway.lines.at(-1)).toMatchObject({
    requestId: headers['x-request-id'],
    service: 'echo',
    route: '/*',
    subject: 'u1',
    site: 'app.example',
    status: 200,
  })
  expect(gateway.queue.totals.running).toBe(0)
})

describe('rejections', () => {
  test.each([
    ['an unknown token', {}],
    ['an unknown token from a listed page', { origin: 'https://app.example' }],
    ['an unknown token from a registered page', { referer: 'https://registered.example/' }],
  ])('%s gets 401 with a challenge, and nothing runs', async (_, more) => {
    const gateway = testGateway()
    const response = await gateway.ask('/x', {
      headers: { authorization: 'Bearer unknown-token', ...more },
    })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer realm="modelferry", error="invalid_token"',
    )
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Unauthorized',
      status: 401,
      detail: 'The token is not valid. Send another one, or none.',
      instance: `urn:uuid:${response.headers.get('x-request-id')}`,
    })
    expect(gateway.seen).toEqual([])
    expect(events(gateway.lines)).toEqual(['auth.decision', 'request.end'])
  })

  test('two different credentials get 400', async () => {
    const gateway = testGateway()
    const response = await gateway.ask(`/x?token=${tokens.nectar}`, bearer(tokens.seed))
    expect(response.status).toBe(400)
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_request"')
    expect(response.headers.get('x-auth-result')).toBe('MULTIPLE_CREDENTIALS')
    expect(gateway.seen).toEqual([])
  })

  test('while the validator is down, 503 with Retry-After, and success at once after it', async () => {
    let up = false
    const gateway = testGateway({
      random: () => 0,
      rules: {
        validate: async () =>
          up ? { state: 'valid', sub: 'u1' } : { state: 'unavailable', retryAfterMs: 2300 },
      },
    })
    const down = await gateway.ask('/x', bearer('some-token'))
    expect(down.status).toBe(503)
    expect(down.headers.get('retry-after')).toBe('3')
    expect(down.headers.get('x-auth-result')).toBe('AUTH_UNAVAILABLE')
    expect(gateway.seen).toEqual([])
    up = true
    expect((await gateway.ask('/x', bearer('some-token'))).status).toBe(200)
  })

  test('a 401 of a service gets a challenge without an error when no token was sent', async () => {
    const gateway = testGateway({ handle: async () => new Response('no', { status: 401 }) })
    const response = await gateway.ask()
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="modelferry"')
  })

  test('of two equal concurrent requests, the one without the right does not get the response of the other', async () => {
    let joined: Promise<string> | undefined
    const gateway = testGateway({
      handle: async () => {
        joined ??= Promise.resolve('secret')
        return new Response(await joined)
      },
    })
    const [good, bad] = await Promise.all([
      gateway.ask('/same', bearer(tokens.seed)),
      gateway.ask('/same', bearer('unknown-token')),
    ])
    expect(await good.text()).toBe('secret')
    expect(bad.status).toBe(401)
    expect(await bad.text()).not.toContain('secret')
    expect(gateway.seen).toHaveLength(1)
  })
})

describe('the queue', () => {
  test('of seven anonymous requests at once one starts, five wait 6 s each, the seventh gets 429', async () => {
    vi.useFakeTimers()
    const gateway = testGateway()
    const statuses: number[] = []
    const asked = Array.from({ length: 7 }, async () => {
      statuses.push((await drain(gateway.ask())).status)
    })
    await settle()
    expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 429])
    for (let started = 2; started <= 6; started++) {
      await vi.advanceTimersByTimeAsync(5990)
      expect(gateway.seen).toHaveLength(started - 1)
      await vi.advanceTimersByTimeAsync(10)
      expect(gateway.seen).toHaveLength(started)
    }
    await Promise.all(asked)
    expect(gateway.seen).toHaveLength(6)
    expect(gateway.queue.totals.running).toBe(0)
  })

  test.each([
    ['a plain request', '/x'],
    ['a request for a stream', '/x?stream=true'],
  ])('%s: the 429 is a problem document with fields that clients can read', async (_, path) => {
    vi.useFakeTimers()
    const gateway = testGateway()
    const leaving = new AbortController()
    const others = Array.from({ length: 6 }, () =>
      drain(gateway.ask(path, { signal: leaving.signal })),
    )
    await settle()
    const response = await gateway.ask(path, { headers: { origin: 'https://evil.test' } })
    expect(response.status).toBe(429)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const text = await response.text()
    expect(JSON.parse(text)).toMatchObject({
      type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
      status: 429,
      'violated-policies': ['pending'],
    })
    expect(text).not.toMatch(/203\.0\.113|stream|evil/)

    const policy = parseList(response.headers.get('ratelimit-policy') ?? '')
    expect(policy.map(([name]) => name)).toEqual(['queue', 'pending'])
    expect(Object.fromEntries(policy[0]![1])).toEqual({ q: 1, w: 6 })
    expect(Object.fromEntries(policy[1]![1])).toEqual({ q: 5, qu: 'concurrent-requests' })
    const [limit] = parseList(response.headers.get('ratelimit') ?? '')
    expect(limit![0]).toBe('queue')
    const { r, t } = Object.fromEntries(limit![1])
    expect(r).toBe(0)
    expect(t).toBeGreaterThan(0)
    const retry = response.headers.get('retry-after') ?? ''
    expect(retry).toMatch(/^[1-9]\d*$/)
    expect(Number(retry)).toBeGreaterThanOrEqual(t as number)
    for (const name of ['retry-after', 'ratelimit', 'ratelimit-policy', 'x-request-id']) {
      expect(response.headers.get('access-control-expose-headers')).toContain(name)
    }
    leaving.abort()
    await settle()
    expect(
      (await Promise.all(others)).map(({ status }) => status).toSorted((one, other) => one - other),
    ).toEqual([200, 499, 499, 499, 499, 499])
  })

  test('tokens behind one address have separate queues', async () => {
    const gateway = testGateway()
    await drain(gateway.ask())
    const burst = Array.from({ length: 20 }, () => gateway.ask('/x', bearer(tokens.nectar)))
    const seeds = Array.from({ length: 3 }, () => gateway.ask('/x', bearer(tokens.seed)))
    const answers = await Promise.all([...burst, ...seeds].map(drain))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
  })

  test('a bypassing token still waits for its concurrency', async () => {
    const ends: (() => void)[] = []
    let running = 0
    let most = 0
    const gateway = testGateway({
      handle: async () => {
        most = Math.max(most, ++running)
        await new Promise<void>((resolve) => ends.push(resolve))
        running--
        return new Response(null)
      },
    })
    const burst = Array.from({ length: 25 }, () => gateway.ask('/x', bearer(tokens.nectar)))
    await vi.waitFor(() => expect(ends).toHaveLength(20))
    expect(gateway.queue.totals).toMatchObject({ running: 20, waiting: 5 })
    ends.forEach((end) => end())
    await vi.waitFor(() => expect(ends).toHaveLength(25))
    ends.forEach((end) => end())
    await Promise.all(burst)
    expect(most).toBe(20)
    expect(gateway.seen).toHaveLength(25)
  })

  test('a cost of 0 skips the interval, and an invalid cost is an internal error', async () => {
    const gateway = testGateway({
      service: { cost: (request) => Number(request.headers.get('cost')) },
    })
    for (let each = 0; each < 10; each++) {
      expect((await drain(gateway.ask('/x', { headers: { cost: '0' } }))).status).toBe(200)
    }
    const broken = await gateway.ask('/x', { headers: { cost: 'x' } })
    expect(broken.status).toBe(500)
    expect(gateway.seen).toHaveLength(10)
  })

  test('a slot is held until the body has ended', async () => {
    const end = deferred<void>()
    const gateway = testGateway({
      handle: async () =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(new Uint8Array(3))
              void end.promise.then(() => controller.close())
            },
          }),
        ),
    })
    const response = await gateway.ask()
    expect(gateway.queue.totals.running).toBe(1)
    const body = response.arrayBuffer()
    await new Promise((resolve) => setTimeout(resolve))
    expect(gateway.queue.totals.running).toBe(1)
    end.resolve()
    expect((await body).byteLength).toBe(3)
    expect(gateway.queue.totals.running).toBe(0)
    expect(gateway.lines.at(-1)).toMatchObject({ event: 'request.end', status: 200 })
  })
})

describe('a full queue', () => {
  test('the networks of one customer can fill only a part of the waiting room', async () => {
    vi.useFakeTimers()
    const leaving = new AbortController()
    const gateway = testGateway({
      queue: createQueue({ limit: 1, maxWaiting: 20 }),
      handle: () => new Promise(() => undefined),
    })
    const ask = (peer: string) => gateway.ask('/x', { peer, signal: leaving.signal })
    const statuses: number[] = []
    const asked = Array.from({ length: 20 }, async (_, at) => {
      statuses.push((await ask(`2001:db8:1:${at.toString(16)}::5`)).status)
    })
    await settle()
    expect(statuses).toEqual(Array(17).fill(429))
    const other = ask('2001:db8:2::5')
    await settle()
    expect(gateway.queue.totals).toMatchObject({ running: 1, waiting: 3 })
    await vi.advanceTimersByTimeAsync(5)
    leaving.abort()
    await settle()
    await Promise.all([...asked, other])
  })

  test('a token starts at once while requests without one hold all their slots, and overload is not reported as quota', async () => {
    vi.useFakeTimers()
    const leaving = new AbortController()
    const gateway = testGateway({
      queue: createQueue({ limit: 4, reserved: { token: 1 } }),
      handle: (request) =>
        request.headers.has('authorization')
          ? Promise.resolve(new Response('hello'))
          : new Promise(() => undefined),
    })
    const strangers = Array.from({ length: 5 }, (_, at) =>
      gateway.ask('/x', { peer: `198.${at}.100.7`, signal: leaving.signal }),
    )
    await settle()
    expect(gateway.queue.totals).toMatchObject({ running: 3, waiting: 2 })
    const holder = await gateway.ask('/x', bearer(tokens.nectar))
    expect([holder.status, await holder.text()]).toEqual([200, 'hello'])
    // Their interval lets them start, but no slot is free.
    await vi.advanceTimersByTimeAsync(60_000)
    const overloaded = await Promise.all(strangers.slice(3))
    expect(overloaded.map(({ status }) => status)).toEqual([503, 503])
    expect(overloaded[0]?.headers.get('retry-after')).toMatch(/^[1-9]\d*$/)
    leaving.abort()
    await settle()
    await Promise.all(strangers)
  })
})

describe('clients that disconnect', () => {
  test('while waiting: the place is free at once and nothing runs', async () => {
    vi.useFakeTimers()
    const gateway = testGateway()
    await drain(gateway.ask())
    const leaving = new AbortController()
    const waiting = gateway.ask('/x', { signal: leaving.signal })
    await settle()
    expect(gateway.queue.totals.waiting).toBe(1)
    leaving.abort()
    expect((await waiting).status).toBe(499)
    expect(gateway.queue.totals.waiting).toBe(0)
    await vi.advanceTimersByTimeAsync(60_000)
    expect(gateway.seen).toHaveLength(1)
    expect(events(gateway.lines).slice(-2)).toEqual(['queue.abort', 'request.end'])
    expect(gateway.lines.at(-2)).toMatchObject({ waitMs: expect.any(Number), queue: { cap: 1 } })
  })

  test('while running: the signal aborts and the slot is free when the work has settled', async () => {
    const finish = deferred<void>()
    let signal: AbortSignal | undefined
    let cancelled = false
    const gateway = testGateway({
      handle: async (_, context) => {
        signal = context.signal
        await finish.promise
        return new Response(new ReadableStream({ cancel: () => void (cancelled = true) }))
      },
    })
    const leaving = new AbortController()
    const asked = gateway.ask('/x', { signal: leaving.signal })
    await vi.waitFor(() => expect(signal).toBeDefined())
    leaving.abort()
    expect(signal?.aborted).toBe(true)
    expect((await asked).status).toBe(499)
    expect(gateway.queue.totals.running).toBe(1)
    finish.resolve()
    await vi.waitFor(() => expect(gateway.queue.totals.running).toBe(0))
    expect(cancelled).toBe(true)
  })

  test.each(['abort', 'cancel'] as const)('during a body, by %s', async (how) => {
    let reason: unknown
    const gateway = testGateway({
      handle: async () =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(new Uint8Array(8)),
            cancel: (why) => void (reason = why),
          }),
        ),
    })
    const leaving = new AbortController()
    const response = await gateway.ask('/x', { signal: leaving.signal })
    const reader = response.body!.getReader()
    await reader.read()
    if (how === 'cancel') await reader.cancel('enough')
    else {
      leaving.abort('enough')
      await expect(reader.read().then(() => reader.read())).rejects.toBe('enough')
    }
    await vi.waitFor(() => expect(gateway.queue.totals.running).toBe(0))
    expect(reason).toBe('enough')
    expect(gateway.lines.filter(({ event }) => event === 'request.end')).toHaveLength(1)
  })
})

describe('services that fail', () => {
  const broken: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('tokseed00 leaked')
      },
    ],
    ['rejects', () => Promise.reject(new Error('tokseed00 leaked'))],
    ['rejects with nothing', () => Promise.reject(undefined)],
    ['returns no Response', () => Promise.resolve({ status: 200 })],
    ['gives undefined', () => undefined],
    ['returns an error response', () => Promise.resolve(Response.error())],
    [
      'returns a locked body',
      () => {
        const response = new Response('x')
        response.body?.getReader()
        return Promise.resolve(response)
      },
    ],
    [
      'returns a used body',
      async () => {
        const response = new Response('x')
        await response.text()
        return response
      },
    ],
  ]

  test.each(broken)(
    'a service that %s gets one 500 and frees the slot, and the queue continues',
    async (_, fail) => {
      let bad = true
      const gateway = testGateway({
        handle: () => (bad ? (fail() as Promise<Response>) : Promise.resolve(new Response('well'))),
      })
      const response = await gateway.ask('/x', bearer(tokens.seed))
      expect(response.status).toBe(500)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(await response.text()).not.toContain('tokseed')
      expect(gateway.queue.totals.running).toBe(0)
      expect(gateway.lines.filter(({ event }) => event === 'request.end')).toHaveLength(1)
      bad = false
      expect((await gateway.ask('/x', bearer(tokens.seed))).status).toBe(200)
      expect(gateway.seen).toHaveLength(2)
    },
  )

  test('a service that takes too long gets 504, is aborted, and its slot is free at once', async () => {
    vi.useFakeTimers()
    let aborted: unknown
    const finish = deferred<Response>()
    const outcomes: string[] = []
    const gateway = testGateway({
      headersMs: 1000,
      observers: [{ ended: ({ outcome }) => void outcomes.push(outcome) }],
      handle: (_, { signal }) => {
        signal.addEventListener('abort', () => void (aborted = signal.reason))
        return finish.promise
      },
    })
    const asked = gateway.ask()
    await vi.advanceTimersByTimeAsync(1000)
    expect((await asked).status).toBe(504)
    expect(aborted).toMatchObject({ name: 'TimeoutError' })
    expect(outcomes).toEqual(['overload'])
    expect(gateway.queue.totals.running).toBe(0)
    finish.resolve(new Response('too late'))
    await settle()
    expect(gateway.queue.totals.running).toBe(0)
  })

  test('a body that stalls ends with an error', async () => {
    vi.useFakeTimers()
    const outcomes: string[] = []
    const gateway = testGateway({
      idleMs: 1000,
      observers: [{ ended: ({ outcome }) => void outcomes.push(outcome) }],
      handle: async () => new Response(new ReadableStream()),
    })
    const body = (await gateway.ask()).text()
    const failed = expect(body).rejects.toMatchObject({ code: 'timeout' })
    await vi.advanceTimersByTimeAsync(1000)
    await failed
    expect(gateway.queue.totals.running).toBe(0)
    expect(outcomes).toEqual(['overload'])
  })

  test('a body that is never read frees its slot too', async () => {
    vi.useFakeTimers()
    const gateway = testGateway({ idleMs: 1000, handle: async () => new Response('unread') })
    await gateway.ask()
    expect(gateway.queue.totals.running).toBe(1)
    await vi.advanceTimersByTimeAsync(1000)
    expect(gateway.queue.totals.running).toBe(0)
  })

  test('a body that fails midway fails for the client, and the slot is free', async () => {
    const gateway = testGateway({
      handle: async () =>
        new Response(new ReadableStream({ pull: (c) => c.error(new Error('disk')) })),
    })
    const response = await gateway.ask()
    await expect(response.text()).rejects.toThrow('disk')
    expect(gateway.queue.totals.running).toBe(0)
  })

  test('observers that throw have no effect', async () => {
    const fail = vi.fn<() => void>(() => {
      throw new Error('counter')
    })
    const gateway = testGateway({ observers: [{ decided: fail, started: fail, ended: fail }] })
    expect((await drain(gateway.ask())).status).toBe(200)
  })
})

test.each(['HEAD', 'GET'])(
  'an answer without a body to %s frees its slot at once',
  async (method) => {
    let cancelled = false
    const gateway = testGateway({
      handle: async () =>
        method === 'GET'
          ? new Response(null, { status: 204 })
          : new Response(new ReadableStream({ cancel: () => void (cancelled = true) })),
    })
    const response = await gateway.ask('/x', { method })
    expect(response.body).toBeNull()
    expect(gateway.queue.totals.running).toBe(0)
    expect(cancelled).toBe(method === 'HEAD')
  },
)

describe('state after many requests', () => {
  test('many more addresses than keys leave no state', async () => {
    vi.useFakeTimers()
    const gateway = testGateway({
      queue: createQueue({ maxKeys: 500 }),
      log: { line: () => undefined },
      handle: async () => new Response(null),
    })
    let most = 0
    let refused = 0
    for (let each = 0; each < 3000; each++) {
      const peer = `${1 + (each >> 16)}.${(each >> 8) & 255}.${each & 255}.1`
      const response = await gateway.ask('/x', { peer })
      if (response.status !== 200) refused++
      gateway.seen.length = 0
      if (each % 100 === 0) most = Math.max(most, gateway.queue.totals.keys)
    }
    expect(most).toBeLessThanOrEqual(500)
    expect(refused).toBe(0)
    await vi.advanceTimersByTimeAsync(10 * 60_000)
    await (await gateway.ask()).text()
    expect(gateway.queue.totals.keys).toBe(1)
  })

  test('a file is streamed in the parts of its source, and none is kept', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'modelferry-gateway-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const path = join(folder, 'weights')
    const size = 8 * 2 ** 20
    await writeFile(path, new Uint8Array(size))
    const file = await openAsBlob(path)
    const gateway = testGateway({ handle: async () => new Response(file) })
    expect(await parts(await gateway.ask())).toEqual(await parts(new Response(file)))
    expect(gateway.queue.totals.running).toBe(0)
  })
})

async function parts(response: Response): Promise<number[]> {
  const sizes: number[] = []
  for await (const part of response.body!) sizes.push(part.byteLength)
  return sizes
}
