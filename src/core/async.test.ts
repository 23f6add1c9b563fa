import { expect, test } from 'vitest'
import { lazily } from './async.ts'

test('makes one for everybody, and none before somebody asks', async () => {
  let made = 0
  const give = lazily(async () => ++made)
  expect(made).toBe(0)
  expect(await Promise.all([give(), give()])).toEqual([1, 1])
  expect(await give()).toBe(1)
})

test('who waited for one that failed is told, and the next one tries again', async () => {
  let tries = 0
  const give = lazily(async () => {
    if (++tries === 1) throw new Error('not yet')
    return tries
  })
  await Promise.all([expect(give()).rejects.toThrow('not yet'), expect(give()).rejects.toThrow()])
  expect(await give()).toBe(2)
})
