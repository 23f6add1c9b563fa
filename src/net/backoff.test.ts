import fc from 'fast-check'
import {
  askedWait,
  Backoff,
  type BackoffOptions,
  type CallOptions,
  parseRateLimit,
  type Pause,
} from './backoff.ts'
import { FakeClock } from './testing/FakeClock.ts'
import { parseList } from 'structured-headers'
import { describe, expect, test } from 'vitest'

describe('Backoff', () => {
  const storage = 'https://storage.example'
  const a = `${storage}/a?Signature=1`
  const b = `${storage}/b?Signature=2`

  /** Requests through one back-off, with their own clock and the answers of the test. */
  function stage(options: Partial<BackoffOptions> = {}): {
    clock: FakeClock
    backoff: Backoff
    asked: string[]
    announced: Pause[]
    ask: (url: string, answer?: Response | Error, options?: CallOptions) => Promise<Response>
  } {
    const clock = new FakeClock(0)
    const announced: Pause[] = []
    const asked: string[] = []
    const tell = (pause: Pause): void => void announced.push(pause)
    const backoff = new Backoff({ clock, random: () => 0, maxWaitMs: 600_000, tell, ...options })
    return {
      clock,
      backoff,
      asked,
      announced,
      ask: (url, answer = new Response('fine'), call = {}) =>
        backoff.through(url, call, async () => {
          asked.push(url)
          if (answer instanceof Error) throw answer
          return answer
        }),
    }
  }

  const busy = (seconds = '60'): Response =>
    new Response('busy', { status: 429, headers: { 'retry-after': seconds } })

  test('a refusal delays all requests to its origin, and no others', async () => {
    const { ask, asked, clock, announced } = stage()
    expect((await ask(a, busy())).status).toBe(429)
    const waiting = [ask(a), ask(b)]
    await ask('https://other.example/x')
    await clock.advance(59_999)
    expect(asked).toEqual([a, 'https://other.example/x'])
    await clock.advance(1)
    await Promise.all(waiting)
    expect(asked.slice(2)).toEqual([a, b])
    expect(announced).toEqual([{ origin: storage, until: 60_000, status: 429 }])
    expect(clock.sleeping).toBe(0)
  })

  test('after the wait one request is sent first; its success releases the others', async () => {
    const { backoff, ask, asked, clock } = stage()
    await ask(a, busy('1'))
    const answers: ((response: Response) => void)[] = []
    const first = backoff.through(a, {}, () => new Promise((resolve) => void answers.push(resolve)))
    const others = [ask(b), ask(b)]
    await clock.advance(1_000)
    await clock.advance(5_000)
    expect(asked).toEqual([a])
    answers[0]?.(new Response('fine'))
    await Promise.all([first, ...others])
    expect(asked).toEqual([a, b, b])
  })

  test('when the first one is refused again, all keep waiting', async () => {
    const { ask, asked, clock } = stage()
    await ask(a, busy('1'))
    const all = [ask(a, busy('5')), ask(b), ask(b)]
    await clock.advance(1_000)
    await clock.advance(4_999)
    expect(asked).toEqual([a, a])
    await clock.advance(1)
    await Promise.all(all)
    expect(asked).toEqual([a, a, b, b])
  })

  test('when the first one fails or is aborted, another is sent first', async () => {
    const { ask, asked, clock } = stage()
    await ask(a, busy('1'))
    const controller = new AbortController()
    const given = ask(b, busy(), { signal: controller.signal })
    const all = [ask(a, new Error('cut')), ask(b)]
    controller.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    const cut = expect(all[0]).rejects.toThrow('cut')
    await clock.advance(1_000)
    await cut
    expect((await all[1])?.status).toBe(200)
    expect(asked).toEqual([a, a, b])
    expect(clock.sleeping).toBe(0)
  })

  test('a success with no quota left delays the next requests', async () => {
    const { ask, asked, clock, announced } = stage()
    await ask(a, new Response('', { headers: { ratelimit: '"queue";r=0;t=6' } }))
    const next = ask(b)
    await clock.advance(5_999)
    expect(asked).toEqual([a])
    await clock.advance(1)
    await next
    expect(announced).toEqual([{ origin: storage, until: 6_000 }])
  })

  test('a request with too little time gets the refusal, with the rest of the wait', async () => {
    const { ask, asked, clock } = stage()
    await ask(a, busy('40'))
    await clock.advance(10_500)
    const answer = await ask(b, undefined, { answerBy: clock.now() + 25_000 })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '30'])
    expect(await answer.text()).not.toContain('Signature')
    expect(asked).toEqual([a])
    const later = ask(b, undefined, { answerBy: clock.now() + 30_000 })
    await clock.advance(29_500)
    expect((await later).status).toBe(200)
  })

  test('a wait that is over refuses no request, even one with little time', async () => {
    const { ask, clock } = stage()
    await ask(a, busy('2'))
    await clock.advance(2_000)
    expect((await ask(b, undefined, { answerBy: 1_000 })).status).toBe(200)
  })

  test('without a refusal by the server, a request is sent when its time is over', async () => {
    const { ask, asked, clock } = stage()
    await ask(a, new Response('', { headers: { ratelimit: '"queue";r=0;t=60' } }))
    const answer = ask(b, undefined, { answerBy: 25_000 })
    await clock.advance(24_999)
    expect(asked).toEqual([a])
    await clock.advance(1)
    expect((await answer).status).toBe(200)
  })

  test('each wait is reported once, with the server and the reason', async () => {
    const { ask, clock } = stage()
    await ask(a, busy('2'))
    const waits: unknown[] = []
    const next = ask(b, undefined, { waiting: (until, reason) => waits.push(until, reason) })
    await clock.advance(2_000)
    await next
    expect(waits).toMatchObject([2_000, { code: 'http', status: 429, url: `${storage}/` }])
    expect(String(waits[1])).toMatch(/2 s \(status 429\)/)
  })

  test('excessive waits are limited, also those from other realms', async () => {
    const { ask, backoff } = stage()
    await ask(a, busy('999999999'))
    expect(backoff.left(a)).toBe(600_000)
    backoff.hear({ origin: 'https://other.example', until: 1e15, status: 503 })
    expect(backoff.left('https://other.example/x')).toBe(600_000)
  })

  test('a pause is over when the clock of the device is set back by a day', async () => {
    const { ask, asked, clock, backoff } = stage()
    await clock.advance(86_400_000)
    await ask(a, busy())
    const waiting = ask(a)
    clock.set(0)
    expect(backoff.left(a)).toBe(0)
    await clock.advance(60_000)
    await waiting
    expect(asked).toEqual([a, a])
  })

  test('a realm respects pauses of other realms, also from before it started', async () => {
    const before = { origin: storage, until: 3_000, status: 503 }
    const { ask, asked, backoff, clock } = stage({ recall: async () => [before] })
    const next = ask(a)
    await clock.advance(0)
    backoff.hear({ origin: storage, until: 5_000, status: 429 })
    await clock.advance(4_999)
    expect(asked).toEqual([])
    await clock.advance(1)
    await next
    expect(asked).toEqual([a])
  })

  test('earlier pauses are recalled before the first request', async () => {
    const before = { origin: storage, until: 3_000, status: 503 }
    const { backoff, clock } = stage({ recall: async () => [before] })
    await clock.advance(0)
    expect(backoff.left(a)).toBe(3_000)
  })

  test('requests are sent even when earlier pauses cannot be recalled', async () => {
    const { ask } = stage({ recall: () => Promise.reject(new Error('no database')) })
    expect((await ask(a)).status).toBe(200)
  })

  test('realms do not resume at the same moment', async () => {
    const { ask, backoff, announced } = stage({ random: () => 0.5 })
    await ask(a, busy('4'))
    expect(backoff.left(a)).toBe(4_200)
    expect(announced[0]?.until).toBe(4_000)
    // What the server said, not what the spread makes of it.
    expect((await backoff.pause(a))?.reason.message).toContain('a pause of 4 s')
  })

  test('a URL that redirects to a busy origin waits too, other URLs of its origin do not', async () => {
    const { ask, backoff } = stage()
    const hub = 'https://hub.example/me/m/resolve/main/x.bin'
    await ask(`${hub}#modelferry`, Object.defineProperty(busy(), 'url', { value: a }))
    expect([hub, b, 'https://hub.example/other'].map((url) => backoff.left(url))).toEqual([
      60_000, 60_000, 0,
    ])
  })

  test('limits the number of remembered pauses', async () => {
    const { backoff } = stage()
    for (let index = 0; index < 300; index += 1)
      backoff.hear({ origin: `https://${index}.example`, until: 1_000 })
    const held = Array.from({ length: 300 }, (_, index) =>
      backoff.left(`https://${index}.example/`),
    )
    expect(held.filter((ms) => ms > 0)).toHaveLength(200)
    expect(held.at(-1)).toBe(1_000)
  })
})

describe('askedWait', () => {
  const none = '"queue";r=0;t=6'

  test.each([
    ['a 429 with Retry-After', 429, { 'retry-after': '7' }, 7_000],
    ['a 503 with Retry-After', 503, { 'retry-after': '7' }, 7_000],
    ['a date', 503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:09 GMT' }, 9_000],
    ['a date that has passed', 503, { 'retry-after': 'Thu, 01 Jan 1970 00:00:00 GMT' }, null],
    ['a 429 without any hint', 429, {}, null],
    ['Retry-After wins', 429, { 'retry-after': '2', ratelimit: none }, 2_000],
    ['Retry-After: 0 takes precedence', 429, { 'retry-after': '0', ratelimit: none }, null],
    ['a malformed Retry-After does not', 429, { 'retry-after': 'soon', ratelimit: none }, 6_000],
    ['RateLimit alone', 429, { ratelimit: none }, 6_000],
    ['no quota left', 200, { ratelimit: none }, 6_000],
    ['no quota left, and a refusal', 404, { ratelimit: none }, 6_000],
    ['a success with quota left', 206, { ratelimit: '"queue";r=3;t=6' }, null],
    ['Retry-After of a success', 202, { 'retry-after': '7' }, null],
    ['Retry-After of a final refusal', 403, { 'retry-after': '7' }, null],
    ['from a cache', 200, { ratelimit: none, age: '3' }, null],
  ] as const)('%s', (_, status, headers, expected) => {
    expect(askedWait(new Response(null, { status, headers }), 0)).toBe(expected)
  })
})

describe('parseRateLimit', () => {
  test.each([
    ['"queue";r=0;t=6', 6_000],
    ['"queue"; r=0; t=6', 6_000],
    ['"a";r=0;t=6, "b";r=0;t=9,"c";r=3;t=99', 9_000],
    ['"a";pk=:aGk=:;r=0;x="q;\\",";t=1;y', 1_000],
    ['"a";r=3;r=0;t=2', 2_000],
    ['"a";r=0;t=0', 0],
    ['"a";r=0', null],
    ['"a";r=1;t=6', null],
    [null, null],
    ['', null],
    ['"a"', null],
    ['queue;r=0;t=6', null],
    ['"a";r=0;t=6,', null],
    ['"a";r=0;t=6 "b";r=0;t=7', null],
    ['"a";r=0;t=-6', null],
    ['"a";r=0;t=6.5', null],
    ['"a";r=-1;t=6', null],
    ['"a";r="0";t=6', null],
    ['"a";r=0;t=soon', null],
    ['"a";r=0;t=6, broken', null],
    ['limit=10, remaining=0, reset=6', null],
    [`"a";r=0;t=6${';x'.repeat(5_000)}`, null],
  ])('%s: %j', (field, expected) => {
    expect(parseRateLimit(field)).toBe(expected)
  })

  test('gives the result of a complete parser of structured fields', () => {
    const item = fc.tuple(
      fc.constantFrom('"queue"', '"a b\\"c"', '""', 'token', '7'),
      fc.array(
        fc.constantFrom(
          'r=0',
          'r=0',
          'r=5',
          't=3',
          't=44',
          't=2.5',
          'pk=:YQ==:',
          'x',
          'y=?0',
          'z="="',
        ),
        { maxLength: 5 },
      ),
    )
    const field = fc.array(item, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(field, fc.constantFrom(', ', ',', ' , ', ' ; '), (items, comma) => {
        const text = items.map(([name, all]) => [name, ...all].join(';')).join(comma)
        expect(parseRateLimit(text)).toBe(reference(text))
      }),
    )
  })

  test('never throws, and is fast for any text', () => {
    const piece = fc.constantFrom('"', ';', 'r=0', 't=6', ',', ' ', '\\', 'a', ':', '?1', '=')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        const wait = parseRateLimit(pieces.join(''))
        expect(wait === null || wait >= 0).toBe(true)
      }),
    )
  })

  function reference(field: string): number | null {
    try {
      const waits = parseList(field).map(([name, parameters]) => {
        const [r, t] = [parameters.get('r'), parameters.get('t')]
        const counts = [r, t ?? 0].every((count) => Number.isInteger(count) && Number(count) >= 0)
        if (typeof name !== 'string' || !counts) throw new Error('Malformed.')
        return r === 0 && t !== undefined ? Number(t) * 1000 : -1
      })
      const wait = Math.max(...waits)
      return wait < 0 ? null : wait
    } catch {
      return null
    }
  }
})

describe('the time after which a host counts as unreachable', () => {
  const hub = 'https://hub.example/a'
  const storage = 'https://storage.example/a'
  const backoff = (): Backoff =>
    new Backoff({ clock: new FakeClock(0), random: () => 0, maxWaitMs: 1000 })

  test('is eight answers of the fastest host, and at least the configured time', () => {
    const known = backoff()
    expect(known.patience(storage, 2000)).toBe(2000)
    known.answered(hub, 900)
    known.answered(hub, 300)
    expect(known.patience(storage, 2000)).toBe(2400)
    known.answered(hub, 30)
    expect(known.patience(storage, 2000)).toBe(2000)
  })

  test('is eight of its slowest answers for a host that has answered: slow is not broken', () => {
    const known = backoff()
    known.answered(hub, 20)
    known.answered(storage, 40)
    known.answered(storage, 500)
    expect(known.patience(storage, 2000)).toBe(4000)
  })

  test('is unlimited while all connections to a host that has answered are in use', () => {
    const known = backoff()
    known.answered(storage, 20)
    const ends = Array.from({ length: 6 }, () => known.opened(storage))
    expect(known.patience(storage, 2000)).toBe(Infinity)
    expect(known.patience(hub, 2000)).toBe(2000)
    // A response that is released twice counts once.
    for (let times = 0; times < 2; times++) ends[0]!()
    expect(known.patience(storage, 2000)).toBe(2000)
  })

  test('is unlimited where a request may wait for a free connection', () => {
    const known = backoff()
    expect(known.patience(storage, 2000, true)).toBe(2000)
    known.answered(storage, 20)
    expect(known.patience(storage, 2000, true)).toBe(Infinity)
  })
})
