import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FakeClock } from '../net/testing/FakeClock.ts'
import { inTime, parseBounded, parseRetryAfter } from './async.ts'

describe('inTime', () => {
  test('the result of timely work is returned, and no timer is left', async () => {
    const clock = new FakeClock(0)
    expect(await inTime(clock, 10, async () => 'done')).toBe('done')
    await expect(inTime(clock, 10, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(clock.sleeping).toBe(0)
  })

  test('late work is aborted by its signal', async () => {
    const clock = new FakeClock(0)
    let signal: AbortSignal | undefined
    const work = inTime(clock, 10, (given) => {
      signal = given
      return new Promise(() => {})
    })
    const late = expect(work).rejects.toMatchObject({ code: 'timeout', retryable: true })
    await clock.advance(9)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    await late
    expect(signal?.aborted).toBe(true)
  })

  test('its owner can abort it', async () => {
    const clock = new FakeClock(0)
    const owner = new AbortController()
    const work = inTime(clock, 10, () => new Promise(() => {}), owner.signal)
    owner.abort(new Error('closed'))
    await expect(work).rejects.toThrow('closed')
    expect(clock.sleeping).toBe(0)
    await expect(inTime(clock, 10, async () => 1, owner.signal)).rejects.toThrow('closed')
  })
})

describe('parseRetryAfter', () => {
  const now = Date.UTC(2026, 10, 22, 10, 30)

  test.each([
    [null, null],
    ['', null],
    ['0', 0],
    [' 120 ', 120_000],
    ['99999999999', 99_999_999_999_000],
    ['-5', null],
    ['1.5', null],
    ['1e3', null],
    ['0x10', null],
    ['soon', null],
    ['Sun, 22 Nov 2026 10:30:30 GMT', 30_000],
    ['Sunday, 22-Nov-26 10:30:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 10:29:30 GMT', 0],
    ['Sun, 99 Nov 2026 10:30:30 GMT', null],
  ])('%j: %j', (header, ms) => {
    expect(parseRetryAfter(header, now)).toBe(ms)
  })

  test('any text gives null or a time that is not negative', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const ms = parseRetryAfter(header, now)
        expect(ms === null || ms >= 0).toBe(true)
      }),
    )
  })
})

describe('JSON of bounded work', () => {
  test('is parsed as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parseBounded(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('what is broken is refused as JSON.parse refuses it', () => {
    for (const text of ['', '{', '"', '"\\', '["a\\"]', '[1,]', ']', '{"a":"\\"}']) {
      expect(() => parseBounded(text), text).toThrow(SyntaxError)
    }
  })

  test.each([
    ['brackets that are nested', '['.repeat(65) + ']'.repeat(65)],
    ['half a million brackets', '['.repeat(500_000)],
    ['many empty lists', `[${'[],'.repeat(50_000)}1]`],
    ['many members', `{${Array.from({ length: 50_001 }, (_, at) => `"${at}":1`).join()}}`],
  ])('%s are refused before they are parsed', (_, text) => {
    expect(() => parseBounded(text)).toThrow('at most 50000 values')
  })

  test('commas, brackets and escaped quotes within a text are no values', () => {
    const content = '[{,'.repeat(100_000) + '"\\'
    expect(parseBounded(JSON.stringify({ content }))).toEqual({ content })
  })
})
