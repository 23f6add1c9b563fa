import { describe, expect, test } from 'vitest'
import file from '../../scripts/vectors/auth-cases.json'
import { authOptionsOf } from '../../scripts/vectors/auth/authOptionsOf.ts'
import { authRequestOf } from '../../scripts/vectors/auth/authRequestOf.ts'
import type { AuthVectorCase } from '../../scripts/vectors/auth/AuthVectorCase.ts'
import type { AuthVectorConfig } from '../../scripts/vectors/auth/AuthVectorConfig.ts'
import { checkAuthCase } from '../../scripts/vectors/auth/checkAuthCase.ts'
import { checkHostList } from '../../scripts/vectors/auth/checkHostList.ts'
import { expandTexts } from '../../scripts/vectors/auth/expandTexts.ts'
import { fillTexts } from '../../scripts/vectors/auth/fillTexts.ts'
import { createAuth } from './auth.ts'

const config = file.config as Partial<AuthVectorConfig>
const cases = expandTexts(file.cases) as AuthVectorCase[]
const titled = <Entry extends { id: string }>(entries: readonly Entry[]): [string, Entry][] =>
  entries.map((entry) => [entry.id.replace(/^\d+/, '$&:'), entry])

test.each(titled(cases))('row %s', (_, entry) => checkAuthCase(entry, config))

test.each(titled(file.configCases))('row %s (list)', (_, entry) => checkHostList(entry))

describe.each(titled(file.sweeps))('row %s', (_, { values, ...sweep }) => {
  test.each(values)('with %s', (value) =>
    checkAuthCase(fillTexts(sweep, value) as AuthVectorCase, config),
  )
})

test.each(titled(cases))('row %s, decided on a Request', async (_, { request, options }) => {
  const { method, url, headers, body, peer } = request
  const real = new Request(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body !== undefined && { body }),
  })
  const auth = createAuth(authOptionsOf({ ...config, ...options }))
  const plain = authRequestOf(request, () => undefined)
  expect(await auth.decide(real, { peer })).toEqual(await auth.decide(plain, { peer }))
  expect(real.bodyUsed).toBe(false)
  expect(body ?? '').toBe(await real.text())
})
