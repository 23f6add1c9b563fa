import { describe, expect, test } from 'vitest'
import { createQueue } from './fair-queue.ts'
import { createMemoryStore } from './memory-store.ts'

describe('options of a queue', () => {
  test.each([
    ['limit', { limit: 0 }],
    ['maxWaiting', { maxWaiting: -1 }],
    ['maxKeys', { maxKeys: 1.5 }],
    ['leaseMs', { leaseMs: Number.NaN }],
    ['instances', { instances: 0 }],
    ['storeTimeoutMs', { storeTimeoutMs: 0 }],
    ['pollMs', { pollMs: 0 }],
    ['failMode', { failMode: 'ajar' as 'open' }],
  ])('a wrong option is named in the error: %s', (name, options) => {
    expect(() => createQueue(options)).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining(name),
      }),
    )
  })

  test('a store that is not atomic is refused', () => {
    const store = createMemoryStore()
    const capabilities = { ...store.capabilities, atomic: false }
    expect(() => createQueue({ store: { ...store, capabilities } })).toThrow(
      expect.objectContaining({ code: 'configuration' }),
    )
  })

  test('reserved slots that leave no open slot are refused', () => {
    expect(() => createQueue({ limit: 4, reserved: { token: 4 } })).toThrow(
      expect.objectContaining({
        code: 'configuration',
        message: expect.stringContaining('4 of 4'),
      }),
    )
    expect(() => createQueue({ reserved: { token: 1.5 } })).toThrow('reserved.token')
  })
})
