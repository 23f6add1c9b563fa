import { describe, expect, test } from 'vitest'
import { sleep } from '../../core/async.ts'
import { limitStoreCases } from './limit-store-cases.ts'
import type { LimitStoreSubject } from './reservation-cases.ts'
import { memorySubject } from '../testing/memorySubject.ts'
import { remoteStore, type Network } from '../testing/remoteStore.ts'

describe('memory store', () => {
  test.each(limitStoreCases)('$title', ({ run }) => run(memorySubject()))
})

describe('store behind a network', () => {
  test.each(limitStoreCases)('$title', ({ run }) => run(remoteSubject()))
})

describe('a wrong store', () => {
  test.each([
    ['reserves every start for now', { reserve: () => always({ start: 0, usedUntil: 0 }) }],
    ['has unlimited leases', { acquire: () => always({}) }],
    ['never reports a lost lease', { renew: () => true }],
    ['forgets nothing', { sweep: () => 2 }],
    ['ignores cancel and release', { cancel: () => undefined, release: () => undefined }],
  ])('that %s does not pass', async (_, wrong) => {
    const results = await Promise.allSettled(
      limitStoreCases.map(async ({ run }) => {
        const subject = memorySubject()
        await run({ ...subject, store: { ...subject.store, ...wrong } })
      }),
    )
    expect(results.some(({ status }) => status === 'rejected')).toBe(true)
  })
})

function always<T>(values: T): T & { granted: true; id: string } {
  return { granted: true, id: 'x', ...values }
}

function remoteSubject(): LimitStoreSubject {
  let hops = 0
  const travel = (): Promise<void> => sleep((hops++ * 7) % 3)
  const network: Network = { travel, troubles: [] }
  const subject = memorySubject()
  return {
    ...subject,
    store: remoteStore(subject.store, network),
    breakNext: () => void network.troubles.push('lost'),
  }
}
