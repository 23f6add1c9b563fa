import { expect, test } from 'vitest'
import { SharedCalls } from './retry.ts'

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

test('everybody gets the answer of one call, and the next one asks again', async () => {
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

test('the first waiter gives up, the others get their answer', async () => {
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

test('a failure reaches every waiter and is not kept', async () => {
  const shared = new SharedCalls<string>()
  const both = [shared.join('k', fail), shared.join('k', fail)]
  for (const answer of both) await expect(answer).rejects.toThrow('refused')
  expect(await shared.join('k', async () => 'fine')).toBe('fine')
})

test('who has given up before does not start anything', async () => {
  const { calls, start } = controlled()
  const answer = new SharedCalls<string>().join('k', start, AbortSignal.abort(new Error('gone')))
  await expect(answer).rejects.toThrow('gone')
  expect(calls).toHaveLength(0)
})
