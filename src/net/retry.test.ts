import type { Waiting } from './backoff.ts'
import { FerryError } from '../core/errors.ts'
import { defaultRetry } from './attempt.ts'
import { retryDelay, retrying, SharedCalls } from './retry.ts'
import { describe, expect, test } from 'vitest'

describe('SharedCalls', () => {
  function controlled(): {
    calls: AbortSignal[]
    start: (signal: AbortSignal) => Promise<string>
    finish: (answer: string) => void
  } {
    const calls: AbortSignal[] = []
    const waiting: ((answer: string) => void)[] = []
    return {
      calls,
      start: (signal) =>
        new Promise((resolve, reject) => {
          calls.push(signal)
          waiting.push(resolve)
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
      finish: (answer) => waiting.forEach((resolve) => resolve(answer)),
    }
  }

  test('concurrent callers share one call, and a later caller starts a new one', async () => {
    const shared = new SharedCalls<string>()
    const { calls, start, finish } = controlled()
    const answers = [1, 2, 3].map(() => shared.join('k', start))
    finish('a')
    expect(await Promise.all(answers)).toEqual(['a', 'a', 'a'])
    expect(calls).toHaveLength(1)
    const other = shared.join('k', start)
    finish('b')
    expect(await other).toBe('b')
    expect(calls).toHaveLength(2)
  })

  test('what the call waits for is told to all who wait for it', async () => {
    const calls = new SharedCalls<string>()
    const told: string[] = []
    let tell: Waiting = () => undefined
    const start = async (_: AbortSignal, waiting: Waiting): Promise<string> => {
      waiting(1, undefined)
      tell = waiting
      return await new Promise(() => undefined)
    }
    const stop = new AbortController()
    const left = calls.join('a', start, stop.signal, () => void told.push('first'))
    void calls.join('a', start, undefined, () => void told.push('second'))
    expect(told).toEqual(['first'])
    tell(2, undefined)
    expect(told).toEqual(['first', 'first', 'second'])
    stop.abort('enough')
    await expect(left).rejects.toBe('enough')
    tell(3, undefined)
    expect(told).toHaveLength(4)
  })

  test('when the first waiter aborts, the others still get the answer', async () => {
    const shared = new SharedCalls<string>()
    const { calls, start, finish } = controlled()
    const first = new AbortController()
    const lost = shared.join('k', start, first.signal)
    const kept = shared.join('k', start)
    first.abort(new Error('gone'))
    await expect(lost).rejects.toThrow('gone')
    expect(calls[0]?.aborted).toBe(false)
    finish('a')
    expect(await kept).toBe('a')
  })

  test('the call ends with its last waiter, and a new waiter starts a new one', async () => {
    const shared = new SharedCalls<string>()
    const { calls, start, finish } = controlled()
    const only = new AbortController()
    const lost = shared.join('k', start, only.signal)
    only.abort(new Error('gone'))
    await expect(lost).rejects.toThrow('gone')
    expect(calls[0]?.aborted).toBe(true)
    const next = shared.join('k', start)
    finish('a')
    expect(await next).toBe('a')
    expect(calls).toHaveLength(2)
  })

  const fail = (): Promise<string> => Promise.reject(new Error('refused'))

  test('a failure reaches every waiter and is not cached', async () => {
    const shared = new SharedCalls<string>()
    const both = [shared.join('k', fail), shared.join('k', fail)]
    for (const answer of both) await expect(answer).rejects.toThrow('refused')
    expect(await shared.join('k', async () => 'fine')).toBe('fine')
  })

  test('an aborted waiter starts no call', async () => {
    const { calls, start } = controlled()
    const answer = new SharedCalls<string>().join('k', start, AbortSignal.abort(new Error('gone')))
    await expect(answer).rejects.toThrow('gone')
    expect(calls).toHaveLength(0)
  })
})

describe('retryDelay', () => {
  const policy = { delayMs: 500, maxDelayMs: 30_000 }

  test.each([
    [1, 0, 0],
    [1, 0.5, 250],
    [2, 0.5, 500],
    [5, 0.5, 4_000],
    [7, 0.5, 15_000],
    [2_000, 0.999, 29_970],
  ])('after %i failures, random %d: %i', (failures, random, delay) => {
    expect(retryDelay(policy, { failures, random })).toBe(delay)
  })
})

describe('retrying', () => {
  /** Returns a list of answers in turn; sleeps take no time and are counted. */
  async function run(
    answers: (Response | Error)[],
    options: {
      attempts?: number
      answerBy?: number
      read?: (response: Response) => Promise<number>
      waiting?: Waiting
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

  test('a successful request is sent once', async () => {
    expect(await run([status(200)])).toEqual({ status: 200, slept: [], asked: 1 })
  })

  test('transient statuses and aborted connections are retried', async () => {
    const result = await run([status(503), cut(), status(200)])
    expect(result).toEqual({ status: 200, slept: [250, 500], asked: 3 })
  })

  test('while it waits, it says what the server answered', async () => {
    const told: unknown[] = []
    const waiting: Waiting = (_, reason) => void told.push(reason)
    await run([status(503, { 'x-error-message': 'Too busy' }), status(200)], { waiting })
    expect(told).toMatchObject([{ code: 'http', status: 503 }])
    expect(String(told[0])).toContain('Too busy')
  })

  const later = (seconds: string): Response => status(429, { 'retry-after': seconds })

  test('waits that the server asks for are done by the back-off, and do not count as tries', async () => {
    const answers = [later('7'), later('7'), later('60'), later('7'), status(503), status(200)]
    expect(await run(answers)).toEqual({ status: 200, slept: [250], asked: 6 })
  })

  test('a caller without time for such a wait gets the answer at once', async () => {
    const impatient = { answerBy: 25_000 }
    expect(await run([later('25'), status(200)], impatient)).toMatchObject({ status: 200 })
    expect(await run([later('26'), status(200)], impatient)).toMatchObject({
      status: 429,
      asked: 1,
    })
  })

  test('retries of a server that always asks for more time are limited', async () => {
    const result = await run(Array.from({ length: 99 }, () => later('3600')))
    // An hour is limited to ten minutes, and there are as many such waits as tries.
    expect(result).toEqual({ status: 429, slept: [], asked: 4 })
  })

  test('the last answer is read with any status', async () => {
    const result = await run([status(500), status(502), status(503)])
    expect(result).toMatchObject({ status: 503, asked: 3 })
  })

  test.each([400, 401, 403, 404, 416, 501])('%i is not retried', async (code) => {
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

  test('a transient answer that its reader turns into an error is not retried after the last try', async () => {
    const result = run([status(503), status(503)], { attempts: 2, read: refuse })
    await expect(result).rejects.toMatchObject({ status: 503 })
  })

  test('time without a network costs no tries: after a call without a response it waits for the network', async () => {
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
    // After an answer the server is reachable, even if the browser reports offline.
    expect(order.join(' ')).toBe('ask sleep online ask sleep ask sleep online ask')
  })
})
