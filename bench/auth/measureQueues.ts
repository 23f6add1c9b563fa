import PQueue from 'p-queue'
import { createQueue } from '../../src/queue/index.ts'
import type { Sample } from '../Sample.ts'

const tasks = 20_000
const concurrency = 32

/** The baseline of the queue. */
export const peerQueue = 'p-queue'

type Add = (key: number, work: () => Promise<void>) => Promise<void>

/**
 * Milliseconds to admit and run 20,000 short tasks, at most 32 at once: all of one key, or of 1000 keys that each run
 * one at a time. p-queue has no keys, so it gets one queue per key, and one for all of them.
 *
 * @param rounds measured rounds, after one warm-up round
 * @throws Error when a queue ran another number of tasks, or more at once
 */
export async function measureQueues(rounds: number): Promise<Sample[]> {
  const samples: Sample[] = []
  for (let round = 0; round <= rounds; round++) {
    for (const keys of [1, 1000]) {
      const ways: Record<string, Add> = {
        [peerQueue]: peerAdd(keys),
        modelferry: ownAdd(keys, Infinity),
        'modelferry, waits bounded': ownAdd(keys, 60_000),
      }
      for (const [variant, add] of Object.entries(ways)) {
        const value = await time(variant, keys, add)
        const subject = keys === 1 ? '1 key' : `${keys} keys`
        if (round > 0) samples.push({ subject, variant, round, value })
      }
    }
  }
  return samples
}

async function time(variant: string, keys: number, add: Add): Promise<number> {
  let running = 0
  let most = 0
  let done = 0
  const work = async (): Promise<void> => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    running--
    done++
  }
  const start = performance.now()
  await Promise.all(Array.from({ length: tasks }, (_, at) => add(at % keys, work)))
  const value = performance.now() - start
  if (done === tasks && most === concurrency) return value
  throw new Error(`${variant} ran ${done} of ${tasks} tasks, ${most} at once.`)
}

function peerAdd(keys: number): Add {
  const all = new PQueue({ concurrency })
  if (keys === 1) return (_, work) => all.add(work)
  const each = Array.from({ length: keys }, () => new PQueue({ concurrency: 1 }))
  return (key, work) => each[key]!.add(() => all.add(work))
}

function ownAdd(keys: number, maxWaitMs: number): Add {
  const queue = createQueue({ limit: concurrency, maxWaiting: tasks })
  const limits = {
    intervalMs: 0,
    concurrency: keys === 1 ? concurrency : 1,
    maxWaiting: tasks,
    maxWaitMs,
    weight: 1,
  }
  return (key, work) => queue.run({ key: `subject:u${key}`, limits }, work)
}
