import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { defaultRetry } from './net.ts'
import { retrying } from './retry.ts'

/** Asks a list of answers in turn; sleeps take no time and are counted. */
async function run(
  answers: (Response | Error)[],
  options: {
    attempts?: number
    answerBy?: number
    read?: (response: Response) => Promise<number>
  } = {},
): Promise<{ status: number; slept: number[]; asked: number }> {
  const slept: number[] = []
  let asked = 0
  const ask = async (): Promise<Response> => {
    const answer = answers[asked++]
    if (answer instanceof Response) return answer
    throw answer ?? new Error('asked too often')
  }
  const clock = {
    now: () => 0,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted()
      slept.push(ms)
    },
  }
  const retry = { ...defaultRetry, attempts: options.attempts ?? 3 }
  const read = options.read ?? (async (response) => response.status)
  const status = await retrying({ clock, random: () => 0.5, retry }, { ask, read }, options)
  return { status, slept, asked }
}

const status = (code: number, headers: HeadersInit = {}): Response =>
  new Response('x', { status: code, headers })
const cut = (): FerryError => new FerryError('network', 'cut', { retryable: true })

test('a success is asked for once', async () => {
  expect(await run([status(200)])).toEqual({ status: 200, slept: [], asked: 1 })
})

test('transient statuses and cut connections are waited out', async () => {
  const result = await run([status(503), cut(), status(200)])
  expect(result).toEqual({ status: 200, slept: [250, 500], asked: 3 })
})

const later = (seconds: string): Response => status(429, { 'retry-after': seconds })

test('waits that the server asks for are left to the attempts, and are not counted as tries', async () => {
  const answers = [later('7'), later('7'), later('60'), later('7'), status(503), status(200)]
  expect(await run(answers)).toEqual({ status: 200, slept: [250], asked: 6 })
})

test('who has no time for such a wait gets the answer at once', async () => {
  const impatient = { answerBy: 25_000 }
  expect(await run([later('25'), status(200)], impatient)).toMatchObject({ status: 200 })
  expect(await run([later('26'), status(200)], impatient)).toMatchObject({ status: 429, asked: 1 })
})

test('a server that never stops asking for more is not asked for ever', async () => {
  const result = await run(Array.from({ length: 99 }, () => later('3600')))
  // An hour is taken for ten minutes, and ten minutes are borne as often as there are tries.
  expect(result).toEqual({ status: 429, slept: [], asked: 4 })
})

test('the last answer is read whatever it is', async () => {
  const result = await run([status(500), status(502), status(503)])
  expect(result).toMatchObject({ status: 503, asked: 3 })
})

test.each([400, 401, 403, 404, 416, 501])('%i is no reason to ask again', async (code) => {
  expect(await run([status(code)])).toMatchObject({ status: code, asked: 1 })
})

test('a body cut while it is read counts as a failed attempt', async () => {
  let reads = 0
  const read = async (response: Response): Promise<number> => {
    if (reads++ === 0) throw cut()
    return response.status
  }
  expect(await run([status(200), status(200)], { read })).toMatchObject({ status: 200, asked: 2 })
})

test('other errors are thrown at once, retryable ones when the tries are used up', async () => {
  await expect(run([new TypeError('bug')])).rejects.toThrow('bug')
  await expect(run([cut(), cut(), cut(), status(200)])).rejects.toMatchObject({ code: 'network' })
})

const refuse = async (): Promise<number> => {
  throw new FerryError('http', 'status 503', { retryable: true, status: 503 })
}

test('a transient answer that its reader turns into an error is not asked for again after the last try', async () => {
  const result = run([status(503), status(503)], { attempts: 2, read: refuse })
  await expect(result).rejects.toMatchObject({ status: 503 })
})

test('time without a network costs no tries: after a call that nobody answered, the network is waited for', async () => {
  const order: string[] = []
  const answers = [cut(), status(503), cut(), status(200)]
  const got = await retrying(
    {
      clock: { now: () => 0, sleep: async () => void order.push('sleep') },
      random: () => 0.5,
      retry: defaultRetry,
      online: async () => void order.push('online'),
    },
    {
      ask: async () => {
        order.push('ask')
        const answer = answers.shift()
        if (answer instanceof Response) return answer
        throw answer ?? new Error('asked too often')
      },
      read: async (response) => response.status,
    },
  )
  expect(got).toBe(200)
  // A server that answers is reached, whatever the browser thinks of the network.
  expect(order.join(' ')).toBe('ask sleep online ask sleep ask sleep online ask')
})
