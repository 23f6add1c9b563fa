import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Clock } from '../core/async.ts'
import { createDailySalt, createLog, type LogFields } from './log.ts'

const dayMs = 24 * 60 * 60 * 1000
const noon = Date.UTC(2026, 10, 22, 12)
const clock: Clock = { now: () => noon, sleep: () => Promise.resolve() }

const fields: LogFields = {
  event: 'request.end',
  requestId: 'r1',
  kind: 'token',
  reason: 'DB_TOKEN',
  tier: 'seed',
  subject: 'u1',
  site: 'app.example',
  network: 'ip:203.0.113.7',
  tokenSource: 'header:authorization',
  method: 'GET',
  route: '/:owner/:name/resolve/*',
  status: 200,
  waitMs: 12,
  runMs: 34.5,
  queue: { waiting: 1, running: 2, cap: 3, max: 15 },
}

/** In the order of the log's specification. */
const names =
  'ts event requestId service kind reason tier subject site netHash tokenSource method route status waitMs runMs queue'

function write(given: LogFields): string {
  const lines: string[] = []
  const salt = createDailySalt({ clock, random: (length) => new Uint8Array(length) })
  createLog({ write: (text) => lines.push(text), clock, salt }).line(given)
  expect(lines).toHaveLength(1)
  return lines[0]!
}

test('a line has exactly the specified fields, in order', () => {
  const { network, ...shown } = fields
  const line = write({ ...fields, extra: 'token=s3cret' } as LogFields)
  const parsed = JSON.parse(line) as Record<string, unknown>
  expect(Object.keys(parsed).join(' ')).toBe(names)
  expect(parsed).toEqual({
    ...shown,
    ts: '2026-11-22T12:00:00.000Z',
    service: 'modelferry',
    netHash: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
  })
  expect(line.endsWith('}\n')).toBe(true)
  expect(line).not.toContain(network.slice(3))
})

test('a line may name another service than the log', () => {
  expect(JSON.parse(write({ ...fields, service: 'text' }))).toMatchObject({ service: 'text' })
})

describe('any strings', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.string())
  const given = fc.record({
    requestId: text,
    kind: text,
    reason: text,
    tier: fc.option(text),
    subject: fc.option(text),
    site: fc.option(text),
    network: text,
    tokenSource: fc.option(text),
    method: text,
    route: text,
    status: fc.option(fc.double()),
    waitMs: fc.option(fc.double()),
    runMs: fc.option(fc.double()),
    queue: fc.option(
      fc.record({ waiting: fc.nat(), running: fc.nat(), cap: fc.nat(), max: fc.nat() }),
    ),
  })

  test('give one line of JSON with exactly the specified fields', () => {
    fc.assert(
      fc.property(given, (strange) => {
        const line = write({ ...fields, ...strange })
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        const parsed = JSON.parse(line) as Record<string, unknown>
        expect(Object.keys(parsed).join(' ')).toBe(names)
        expect(parsed['queue']).toEqual(strange.queue)
        expect(parsed['route']).not.toMatch(/[?#]/)
        expect(line.length).toBeLessThan(10_000)
      }),
    )
  })

  test('are cut when they are too long', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1000, maxLength: 100_000, unit: 'binary' }), (long) => {
        const parsed = JSON.parse(
          write({
            ...fields,
            requestId: long,
            subject: long,
            site: long,
            method: long,
            route: long,
          }),
        ) as Record<string, string>
        expect(parsed['requestId']!.length).toBeLessThanOrEqual(128)
        expect(parsed['subject']!.length).toBeLessThanOrEqual(128)
        expect(parsed['site']!.length).toBeLessThanOrEqual(253)
        expect(parsed['method']!.length).toBeLessThanOrEqual(64)
        expect(parsed['route']!.length).toBeLessThanOrEqual(200)
      }),
      { numRuns: 20 },
    )
  })

  test.each(['requestId', 'subject', 'site', 'method', 'route', 'service'])(
    'of %s contain no token, wherever they are cut',
    (name) => {
      const places = fc.constantFrom('https://a.example/?token=', 'Bearer ')
      fc.assert(
        fc.property(places, fc.nat({ max: 1100 }), (place, padding) => {
          const line = write({ ...fields, [name]: `${'-'.repeat(padding)}${place}S3CRETs3cret` })
          expect(line).not.toMatch(/S3C|ret/)
        }),
      )
    },
  )
})

test('a network is written as a hash that depends on the salt', () => {
  const sevens = createDailySalt({ clock, random: () => new Uint8Array(32).fill(7) })
  const hashOf = (network: string, salt = sevens): string => {
    const lines: string[] = []
    createLog({ write: (line) => lines.push(line), clock, salt }).line({ ...fields, network })
    return (JSON.parse(lines[0]!) as { netHash: string }).netHash
  }
  expect(hashOf('ip:203.0.113.7')).toBe(hashOf('ip:203.0.113.7'))
  expect(hashOf('ip:203.0.113.7')).not.toBe(hashOf('ip:203.0.113.8'))
  expect(hashOf('ip:203.0.113.7')).not.toBe(hashOf('ip:203.0.113.7', createDailySalt({ clock })))
})

test('a log that cannot write never throws, and reports it once', () => {
  const errors: unknown[] = []
  const full = new Error('Disk full.')
  let works = false
  const lines: string[] = []
  const log = createLog({
    clock,
    onError: (error) => errors.push(error),
    write: (text) => {
      if (!works) throw full
      lines.push(text)
    },
  })
  log.line(fields)
  log.line(fields)
  expect(errors).toEqual([full])
  works = true
  log.line(fields)
  expect(lines).toHaveLength(1)
})

test('a failing clock loses the line and does not throw', () => {
  const broken = { ...clock, now: () => Number.NaN }
  const errors: unknown[] = []
  const log = createLog({
    write: () => expect.unreachable(),
    clock: broken,
    onError: (error) => errors.push(error),
  })
  log.line(fields)
  expect(errors).toHaveLength(1)
})

describe('the daily salt', () => {
  test('a hash is the start of the SHA-256 of salt and network', () => {
    const { clock } = at(0)
    const salt = new Uint8Array(32).fill(9)
    const today = createDailySalt({ clock, random: () => salt })
    const expected = createHash('sha256').update(salt).update('ip:203.0.113.7').digest('hex')
    expect(today.hash('ip:203.0.113.7')).toBe(expected.slice(0, 16))
  })

  test('the salt stays the same for a UTC day', () => {
    const { clock, pass } = at(Date.UTC(2026, 10, 22))
    const asked: number[] = []
    const random = (length: number): Uint8Array => new Uint8Array(length).fill(asked.push(length))
    const salt = createDailySalt({ clock, random })
    const first = salt.hash('ip:unknown')
    pass(dayMs - 1)
    expect([salt.day, salt.hash('ip:unknown')]).toEqual(['2026-11-22', first])
    expect(asked).toEqual([32])
    pass(1)
    expect(salt.day).toBe('2026-11-23')
    expect(salt.hash('ip:unknown')).not.toBe(first)
    expect(asked).toEqual([32, 32])
  })

  test('two salts are different', () => {
    const { clock } = at(0)
    expect(createDailySalt({ clock }).hash('ip:unknown')).not.toBe(
      createDailySalt({ clock }).hash('ip:unknown'),
    )
  })
})

function at(start: number): {
  clock: { now: () => number; sleep: () => Promise<void> }
  pass: (ms: number) => void
} {
  let now = start
  return {
    clock: { now: () => now, sleep: () => Promise.resolve() },
    pass: (ms) => {
      now += ms
    },
  }
}
