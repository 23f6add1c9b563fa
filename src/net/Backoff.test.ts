import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'
import type { BackoffOptions } from './backoff.ts'
import type { CallOptions } from './backoff.ts'
import type { Pause } from './backoff.ts'
import { FakeClock } from './testing/FakeClock.ts'

const storage = 'https://storage.example'
const a = `${storage}/a?Signature=1`
const b = `${storage}/b?Signature=2`

/** Requests through one back-off, with a clock of their own and answers as the test gives them. */
function stage(options: Partial<BackoffOptions> = {}): {
  clock: FakeClock
  backoff: Backoff
  asked: string[]
  told: Pause[]
  ask: (url: string, answer?: Response | Error, options?: CallOptions) => Promise<Response>
} {
  const clock = new FakeClock(0)
  const told: Pause[] = []
  const asked: string[] = []
  const tell = (pause: Pause): void => void told.push(pause)
  const backoff = new Backoff({ clock, random: () => 0, maxWaitMs: 600_000, tell, ...options })
  return {
    clock,
    backoff,
    asked,
    told,
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

test('a refusal makes everybody wait who asks that origin, and nobody else', async () => {
  const { ask, asked, clock, told } = stage()
  expect((await ask(a, busy())).status).toBe(429)
  const waiting = [ask(a), ask(b)]
  await ask('https://other.example/x')
  await clock.advance(59_999)
  expect(asked).toEqual([a, 'https://other.example/x'])
  await clock.advance(1)
  await Promise.all(waiting)
  expect(asked.slice(2)).toEqual([a, b])
  expect(told).toEqual([{ origin: storage, until: 60_000, status: 429 }])
  expect(clock.sleeping).toBe(0)
})

test('after the wait one goes first; the others go when it was answered well', async () => {
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

test('when the first one is refused again, all go on waiting', async () => {
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

test('when the first one breaks or gives up, another goes first', async () => {
  const { ask, asked, clock } = stage()
  await ask(a, busy('1'))
  const gone = new AbortController()
  const given = ask(b, busy(), { signal: gone.signal })
  const all = [ask(a, new Error('cut')), ask(b)]
  gone.abort(new Error('enough'))
  await expect(given).rejects.toThrow('enough')
  const cut = expect(all[0]).rejects.toThrow('cut')
  await clock.advance(1_000)
  await cut
  expect((await all[1])?.status).toBe(200)
  expect(asked).toEqual([a, a, b])
  expect(clock.sleeping).toBe(0)
})

test('a success that was the last for now holds the next ones back', async () => {
  const { ask, asked, clock, told } = stage()
  await ask(a, new Response('', { headers: { ratelimit: '"queue";r=0;t=6' } }))
  const next = ask(b)
  await clock.advance(5_999)
  expect(asked).toEqual([a])
  await clock.advance(1)
  await next
  expect(told).toEqual([{ origin: storage, until: 6_000 }])
})

test('who has no time gets the refusal, with what is left of the wait', async () => {
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

test('a wait that is over refuses nobody, however little time they have', async () => {
  const { ask, clock } = stage()
  await ask(a, busy('2'))
  await clock.advance(2_000)
  expect((await ask(b, undefined, { answerBy: 1_000 })).status).toBe(200)
})

test('nobody is refused what no server refused: it is asked when the time is over', async () => {
  const { ask, asked, clock } = stage()
  await ask(a, new Response('', { headers: { ratelimit: '"queue";r=0;t=60' } }))
  const answer = ask(b, undefined, { answerBy: 25_000 })
  await clock.advance(24_999)
  expect(asked).toEqual([a])
  await clock.advance(1)
  expect((await answer).status).toBe(200)
})

test('waits are told of once each, with the server and the reason', async () => {
  const { ask, clock } = stage()
  await ask(a, busy('2'))
  const told: unknown[] = []
  const next = ask(b, undefined, { waiting: (until, reason) => told.push(until, reason) })
  await clock.advance(2_000)
  await next
  expect(told).toMatchObject([2_000, { code: 'http', status: 429, url: `${storage}/` }])
  expect(String(told[1])).toMatch(/2 s \(status 429\)/)
})

test('absurd waits are cut, also those that other realms tell of', async () => {
  const { ask, backoff } = stage()
  await ask(a, busy('999999999'))
  expect(backoff.left(a)).toBe(600_000)
  backoff.hear({ origin: 'https://other.example', until: 1e15, status: 503 })
  expect(backoff.left('https://other.example/x')).toBe(600_000)
})

test('a realm waits for what others were told, also before it began', async () => {
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

test('where nothing can be recalled, requests go all the same', async () => {
  const { ask } = stage({ recall: () => Promise.reject(new Error('no database')) })
  expect((await ask(a)).status).toBe(200)
})

test('realms do not come back together', async () => {
  const { ask, backoff, told } = stage({ random: () => 0.5 })
  await ask(a, busy('4'))
  expect(backoff.left(a)).toBe(4_200)
  expect(told[0]?.until).toBe(4_000)
})

test('an address that is redirected to a busy origin waits as well, others of its origin do not', async () => {
  const { ask, backoff } = stage()
  const hub = 'https://hub.example/me/m/resolve/main/x.bin'
  await ask(`${hub}#modelferry`, Object.defineProperty(busy(), 'url', { value: a }))
  expect([hub, b, 'https://hub.example/other'].map((url) => backoff.left(url))).toEqual([
    60_000, 60_000, 0,
  ])
})

test('does not remember more than it may', async () => {
  const { backoff } = stage()
  for (let index = 0; index < 300; index += 1)
    backoff.hear({ origin: `https://${index}.example`, until: 1_000 })
  const held = Array.from({ length: 300 }, (_, index) => backoff.left(`https://${index}.example/`))
  expect(held.filter((ms) => ms > 0)).toHaveLength(200)
  expect(held.at(-1)).toBe(1_000)
})
