import { expect, test } from 'vitest'
import { authorizationFor } from '../auth/client.ts'
import { PageToken } from './session.ts'

const origins = ['https://hub.example']

test('the page is asked anew for everybody who waits at once', async () => {
  const asked: boolean[] = []
  let current = 'first'
  const token = new PageToken(async (refused) => {
    asked.push(refused)
    return current
  }, origins)
  expect(await token.token()).toBe('first')
  current = 'second'
  const renewed = await Promise.all([1, 2, 3].map(() => token.token('first')))
  expect(renewed).toEqual(['second', 'second', 'second'])
  expect(asked).toEqual([false, true])
  // Who hears of the refusal later gets what is known by then.
  expect(await token.token('first')).toBe('second')
  expect(asked).toHaveLength(2)
})

test('the same again when the page has no other', async () => {
  const token = new PageToken(async () => 'only', origins)
  await token.token()
  expect(await token.token('only')).toBe('only')
})

test('another token than its own asks the page for nothing', async () => {
  const asked: boolean[] = []
  const token = new PageToken(async (refused) => (asked.push(refused), 'mine'), origins)
  await token.token()
  const url = 'https://hub.example/x'
  expect(await authorizationFor(url, token, 'Bearer theirs')).toBeUndefined()
  expect(await authorizationFor(url, token, 'Basic mine')).toBeUndefined()
  expect(await authorizationFor('https://cas.example/x', token, 'Bearer mine')).toBeUndefined()
  expect(asked).toEqual([false])
  expect(await authorizationFor(url, token, 'Bearer mine')).toBe('Bearer mine')
})

test('a provider that fails fails its callers, and is asked again by the next', async () => {
  let fail = false
  const token = new PageToken(async () => {
    if (fail) throw new Error('signed out')
    return 'mine'
  }, origins)
  await token.token()
  fail = true
  await expect(token.token('mine')).rejects.toThrow('signed out')
  fail = false
  expect(await token.token('mine')).toBe('mine')
})
