import PQueue from 'p-queue'
import { expect, test } from 'vitest'
import { createQueue } from './fair-queue.ts'
import { tiers } from './testing/tiers.ts'

const limits = { ...tiers.nectar, weight: 1 }

test('one key without interval gives what p-queue gives', async () => {
  const tasks = Array.from({ length: 60 }, (_, index) => ({
    name: index,
    ms: (index * 37) % 11,
    priority: (index * 7) % 5,
  }))
  const trace = async (
    add: (task: (typeof tasks)[number], work: () => Promise<void>) => Promise<unknown>,
  ): Promise<string[]> => {
    const lines: string[] = []
    let running = 0
    const ends: (() => void)[] = []
    const all = tasks.map((task) =>
      add(task, async () => {
        lines.push(`${task.name} starts beside ${running++}`)
        await new Promise<void>((resolve) => ends.push(resolve))
        running--
        lines.push(`${task.name} ends`)
      }),
    )
    for (let left = tasks.length; left > 0; left--) {
      await new Promise((resolve) => setTimeout(resolve))
      ends.splice(left % ends.length, 1)[0]?.()
    }
    await Promise.all(all)
    return lines
  }
  const theirs = new PQueue({ concurrency: 4 })
  const ours = createQueue()
  const single = { ...limits, concurrency: 4 }
  expect(
    await trace(({ priority }, work) =>
      ours.run({ key: 'a', limits: single, priority }, () => work()),
    ),
  ).toEqual(await trace(({ priority }, work) => theirs.add(work, { priority })))
})
