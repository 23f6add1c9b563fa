import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import PQueue from 'p-queue'
import { createQueue } from '../../src/queue/index.ts'
import type { Queue } from '../../src/queue/index.ts'
import type { Slot } from '../../src/queue/index.ts'
import type { Sample } from '../Sample.ts'
import { peerQueue } from './measureQueues.ts'

/** Number of keys. */
export const keyCount = 10_000

const limits = { intervalMs: 6000, concurrency: 1, maxWaiting: 5, maxWaitMs: 60_000, weight: 1 }

/**
 * Heap bytes of queues with 10,000 keys, after garbage collection.
 *
 * @param rounds measured rounds, after one warm-up round
 * @throws Error when a queue holds another number of keys
 */
export async function measureKeys(rounds: number): Promise<Sample[]> {
  const ways: Record<string, () => Promise<unknown>> = {
    [`${peerQueue}, one each, idle`]: async () =>
      new Map(names(keyCount).map((name) => [name, new PQueue({ concurrency: 1 })])),
    'modelferry, idle': () => visited(keyCount),
    'modelferry, after 100,000 keys': () => visited(10 * keyCount),
    'modelferry, each running one': async () => {
      const queue = createQueue({ limit: keyCount })
      const slots: Slot[] = []
      for (const key of names(keyCount)) slots.push(await queue.enter({ key, limits }))
      return [queue, slots]
    },
  }
  const samples: Sample[] = []
  for (let round = 0; round <= rounds; round++) {
    for (const [variant, make] of Object.entries(ways)) {
      const value = await weigh(make)
      if (round > 0) samples.push({ subject: '10,000 keys', variant, round, value })
    }
  }
  return samples
}

/** A separate call for each, because a value stays reachable as long as the stack frame that held it. */
async function weigh(make: () => Promise<unknown>): Promise<number> {
  const before = await heap()
  const held = await make()
  const after = await heap()
  release(held)
  return after - before
}

async function visited(count: number): Promise<Queue> {
  const queue = createQueue()
  for (const key of names(count)) (await queue.enter({ key, limits })).release()
  if (queue.totals.keys === keyCount) return queue
  throw new Error(`The queue holds ${queue.totals.keys} keys.`)
}

function names(count: number): string[] {
  return Array.from(
    { length: count },
    (_, at) => `ip:203.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
  )
}

/** A timer renews slots until they are released. */
function release(value: unknown): void {
  if (Array.isArray(value)) for (const slot of value[1] as Slot[]) slot.release()
}

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

async function heap(): Promise<number> {
  await setImmediate()
  collect()
  await setImmediate()
  collect()
  return process.memoryUsage().heapUsed
}
