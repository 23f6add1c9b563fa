import file from '../../scripts/vectors/auth-cases.json'
import { expect, test } from 'vitest'
import { checkAuthVectors } from '../../scripts/vectors/auth/checkAuthVectors.ts'

test('a browser makes the same decision as a server in every case', async () => {
  const { passed, failures } = await checkAuthVectors(JSON.stringify(file))
  expect(failures).toEqual([])
  const swept = file.sweeps.flatMap(({ values }) => values)
  expect(passed).toBe(file.cases.length + swept.length + file.configCases.length)
})
