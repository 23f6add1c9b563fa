import { describe, expect, test } from 'vitest'
import { lazily } from './files.ts'

describe('lazily', () => {
  test('makes the value once for all callers, and only when it is first requested', async () => {
    let made = 0
    const give = lazily(async () => ++made)
    expect(made).toBe(0)
    expect(await Promise.all([give(), give()])).toEqual([1, 1])
    expect(await give()).toBe(1)
  })

  test('callers of a failed attempt get its error, and the next call tries again', async () => {
    let tries = 0
    const give = lazily(async () => {
      if (++tries === 1) throw new Error('not yet')
      return tries
    })
    await Promise.all([expect(give()).rejects.toThrow('not yet'), expect(give()).rejects.toThrow()])
    expect(await give()).toBe(2)
  })
})
