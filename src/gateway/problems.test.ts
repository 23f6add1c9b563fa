import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Decision } from '../auth/index.ts'
import { anonymousDecision } from '../auth/decision.ts'
import { QueueRefusal, type RefusalWhy } from '../queue/index.ts'
import { challenge, problemAnswer, refusalProblem, rejectionProblem } from './problems.ts'

const state = { waiting: 0, running: 0, cap: 1, max: 5, remaining: 0, resetMs: 0 }

const refused = (why: RefusalWhy, retryAfterMs: number, resetMs = 0): QueueRefusal =>
  new QueueRefusal(why, retryAfterMs, { ...state, resetMs })

describe('problemAnswer', () => {
  const problem = { status: 404, title: 'Not Found', detail: 'Nothing.', headers: { 'x-a': 'b' } }

  test('is a problem document whose only reference to the request is its id', async () => {
    const response = problemAnswer({ ...problem, violated: ['pending'] }, 'id')
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({
      type: 'about:blank',
      title: 'Not Found',
      status: 404,
      detail: 'Nothing.',
      instance: 'urn:uuid:id',
      'violated-policies': ['pending'],
    })
  })

  test('to HEAD has the headers of GET and no body', async () => {
    const [get, head] = [problemAnswer(problem, 'id'), problemAnswer(problem, 'id', 'HEAD')]
    expect([...head.headers]).toEqual([...get.headers])
    expect(head.headers.get('x-a')).toBe('b')
    expect(head.headers.get('cache-control')).toBe('no-store')
    expect(head.headers.get('content-length')).toBe(String((await get.bytes()).byteLength))
    expect(head.body).toBeNull()
  })
})

describe('refusalProblem', () => {
  test.each<[RefusalWhy, number, readonly string[] | undefined]>([
    ['waiting', 429, ['pending']],
    ['wait', 429, ['queue']],
    ['group', 429, ['pending']],
    ['slots', 503, undefined],
    ['total', 503, undefined],
    ['keys', 503, undefined],
    ['store', 503, undefined],
    ['closed', 503, undefined],
  ])('%s is %i, and names policies only if the caller exceeded them', (why, status, violated) => {
    const problem = refusalProblem(refused(why, 1000), 0)
    expect(problem.status).toBe(status)
    expect(problem.violated).toEqual(violated)
    expect(problem.detail).toMatch(/Come back later\.$/)
  })

  test('asks for a retry in whole seconds: never too early, at most about a quarter later', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    const ms = fc.integer({ min: 0, max: 3_600_000 })
    fc.assert(
      fc.property(ms, ms, random, (retryMs, resetMs, at) => {
        const { headers } = refusalProblem(refused('waiting', retryMs, resetMs), at)
        const seconds = Number(headers?.['retry-after'])
        const least = Math.max(1, Math.ceil(Math.max(retryMs, resetMs) / 1000))
        expect(Number.isInteger(seconds)).toBe(true)
        expect(seconds).toBeGreaterThanOrEqual(least)
        expect(seconds).toBeLessThanOrEqual(least * 1.25 + 1)
      }),
    )
  })
})

describe('rejectionProblem', () => {
  const rejected = (change: Partial<Decision>): Decision => ({
    ...anonymousDecision({ network: 'ip:unknown', label: null }),
    kind: 'rejected',
    ...change,
  })

  test.each<[Decision['reason'], 400 | 401, string]>([
    ['INVALID_TOKEN', 401, 'Bearer realm="r", error="invalid_token"'],
    ['MALFORMED_CREDENTIAL', 401, 'Bearer realm="r", error="invalid_token"'],
    ['MULTIPLE_CREDENTIALS', 400, 'Bearer realm="r", error="invalid_request"'],
  ])('%s is %i with a challenge', (reason, status, authenticate) => {
    expect(rejectionProblem(rejected({ reason, status }), 'r', 0)).toMatchObject({
      status,
      headers: { 'www-authenticate': authenticate },
    })
  })

  test.each([
    [null, '2'],
    [9001, '10'],
  ])(
    'an unavailable validator is 503, and no reason to drop the token: %s',
    (retryAfterMs, sent) => {
      const decision = rejected({ reason: 'AUTH_UNAVAILABLE', status: 503, retryAfterMs })
      expect(rejectionProblem(decision, 'r', 0)).toMatchObject({
        status: 503,
        headers: { 'retry-after': sent },
      })
    },
  )

  test('a challenge without a token names no error', () => {
    expect(challenge('models')).toBe('Bearer realm="models"')
  })
})
