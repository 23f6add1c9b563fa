import { describe, expect, it } from 'vitest'
import type { Decision } from '../../../src/auth/decision.ts'
import file from '../auth-cases.json'
import { checkAuthVectors } from './checkAuthVectors.ts'
import { expandTexts } from './expandTexts.ts'
import { invariantProblems } from './invariantProblems.ts'
import { isAuthFile } from './isAuthFile.ts'

const { config } = file
const good = file.cases.find(({ id }) => id === '25 allowed Origin with a token')!
const sweep = file.sweeps[1]!
const list = file.configCases[0]!

const check = (content: unknown): ReturnType<typeof checkAuthVectors> =>
  checkAuthVectors(JSON.stringify(content))

describe('checkAuthVectors', () => {
  it('passes the whole public file', async () => {
    const { passed, failures } = await check(file)
    expect(failures).toEqual([])
    const swept = file.sweeps.flatMap(({ values }) => values)
    expect(passed).toBe(file.cases.length + swept.length + file.configCases.length)
  })

  it.each(Object.keys(good.expect))('fails a case with another %s, by its id', async (member) => {
    const expected = { ...good.expect, [member]: 'other' }
    const { passed, failures } = await check({ config, cases: [{ ...good, expect: expected }] })
    expect(passed).toBe(0)
    expect(failures).toEqual([expect.stringContaining(`cases[0] "${good.id}": ${member} is`)])
  })

  it('fails each value of a sweep with another decision', async () => {
    const values = [...sweep.values, 'https://evil.test']
    const { passed, failures } = await check({ config, sweeps: [{ ...sweep, values }] })
    expect(passed).toBe(sweep.values.length)
    expect(failures).toEqual([expect.stringContaining(`"${sweep.id}" with "https://evil.test"`)])
  })

  it.each([
    { ...list, expect: { hosts: [] } },
    { ...list, expect: { error: 'app.example' } },
    { ...list, allowedHosts: '*.com' },
    { ...list, allowedHosts: '*.com', expect: { error: 'other' } },
  ])('fails a list with another result: %j', async (entry) => {
    expect(await check({ configCases: [entry] })).toEqual({
      passed: 0,
      failures: [expect.stringContaining(`configCases[0] "${list.id}"`)],
    })
  })

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nothing', '{}'],
    ['no entries', '{"config":{},"cases":[],"sweeps":[],"configCases":[]}'],
    ['an unknown member', '{"zebra":[]}'],
    ['an unknown member of config', '{"config":{"zebra":1}}'],
    ['cases that are not a list', '{"cases":{}}'],
    ['a null case', '{"cases":[null]}'],
    ['an empty sweep', '{"sweeps":[{}]}'],
    ['host lists that are not objects', '{"configCases":["app.example"]}'],
    ['a sweep without values', JSON.stringify({ config, sweeps: [{ ...sweep, values: [] }] })],
    ['an unknown member of a case', JSON.stringify({ config, cases: [{ ...good, zebra: 1 }] })],
    ['an unknown option', JSON.stringify({ config, cases: [{ ...good, options: { zebra: 1 } }] })],
    [
      'an unknown member of a request',
      JSON.stringify({ config, cases: [{ ...good, request: { ...good.request, zebra: 1 } }] }),
    ],
    [
      'an unknown member of a decision',
      JSON.stringify({ config, cases: [{ ...good, expect: { zebra: null } }] }),
    ],
    ['a case that expects nothing', JSON.stringify({ config, cases: [{ ...good, expect: {} }] })],
    [
      'an unknown member of a sweep',
      JSON.stringify({ config, sweeps: [{ ...sweep, values: ['https://app.example'], zebra: 1 }] }),
    ],
    [
      'a configuration that is refused',
      JSON.stringify({ config, cases: [{ ...good, options: { ipv6Prefix: 7 } }] }),
    ],
  ])('fails %s', async (_, text) => {
    const { passed, failures } = await checkAuthVectors(text)
    expect(passed).toBe(0)
    expect(failures.length).toBe(1)
  })

  it('expands repeated parts to one text, in all text members', async () => {
    expect(
      expandTexts([
        {
          a: {
            parts: [
              ['ab', 2],
              ['', 5],
              ['c', 1],
            ],
          },
        },
      ]),
    ).toEqual([{ a: 'ababc' }])
    const odd = { parts: [['ab', -1]] }
    expect(expandTexts(odd)).toEqual(odd)
    const parts = { parts: [['{value}', 1]] }
    const request = { ...sweep.request, headers: [['origin', parts]] }
    expect(await check({ config, sweeps: [{ ...sweep, request }] })).toMatchObject({ failures: [] })
  })
})

describe('isAuthFile', () => {
  it('recognises the files by their members', () => {
    expect(isAuthFile(JSON.stringify(file))).toBe(true)
    expect(isAuthFile('{"configCases":[]}')).toBe(true)
    for (const text of ['{"about":"","hex":[]}', '{}', 'null', '[]', '{', '"cases"'])
      expect(isAuthFile(text), text).toBe(false)
  })
})

describe('invariantProblems', () => {
  const anonymous: Decision = {
    kind: 'anonymous',
    reason: 'NONE',
    authenticated: false,
    tokenAuth: false,
    referrerAuth: false,
    bypass: false,
    tier: 'anonymous',
    subject: null,
    queueKey: 'ip:203.0.113.7',
    tokenSource: null,
    scope: [],
    site: null,
    status: null,
    network: 'ip:203.0.113.7',
    keyId: null,
    label: null,
    stale: false,
    retryAfterMs: null,
  }

  it('reports no problem for valid decisions', () => {
    expect(invariantProblems(anonymous, ['tokseed00', 'ip', '203.0.113'])).toEqual([])
  })

  it.each<Partial<Decision> & Record<string, unknown>>([
    { bypass: true },
    { authenticated: true },
    { tokenAuth: true },
    { referrerAuth: true },
    { kind: 'token' },
    { reason: 'ALLOWLIST' },
    { kind: 'rejected', reason: 'INVALID_TOKEN', status: 401 },
    { kind: 'rejected', reason: 'INVALID_TOKEN', tier: null, queueKey: null },
    { status: 401 },
    { queueKey: null },
    { subject: 'u1' },
    { network: '203.0.113.7' },
    { label: 'x'.repeat(101) },
    { label: 'of tokseed00' },
    { label: 'nope' },
    { keyId: 'tokseed00' },
    { scope: ['read', 'tokseed00'] },
    { queueKey: 'subject:tokseed00' },
    { token: 'x' },
    { tier: 'platinum' as 'seed' },
  ])('finds %j', (change) => {
    const problems = invariantProblems({ ...anonymous, ...change }, ['tokseed00', 'nope'])
    expect(problems).not.toEqual([])
  })
})
