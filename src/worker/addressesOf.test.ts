import 'fake-indexeddb/auto'
import { expect, test } from 'vitest'
import { Branches } from '../store/branches.ts'
import { addressesOf } from './device.ts'

const hub = 'https://hub.example/a/b/resolve'
const [one, two, three] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
]

test('what this page sees comes first, then what others see, then the name itself', async () => {
  const branches = new Branches(crypto.randomUUID())
  const base = `${hub}/main`
  await branches.confirm(base, 'ann', one, 1)
  await branches.confirm(base, 'public', two, 2)
  await branches.confirm(base, 'public', three, 3)
  await branches.look({ client: 'page', base, commit: two, takenAt: 4 })
  const of = async (url: string, client: string): Promise<readonly string[]> =>
    await addressesOf({ branches }, url, client)
  expect(await of(`${base}/x`, 'page')).toEqual(
    [two, three, one, 'main'].map((at) => `${hub}/${at}/x`),
  )
  expect(await of(`${base}/x`, 'other')).toEqual(
    [three, two, one, 'main'].map((at) => `${hub}/${at}/x`),
  )
  expect(await of(`${hub}/${one}/x`, 'page')).toEqual([`${hub}/${one}/x`])
})
