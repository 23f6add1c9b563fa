import { describe, expect, test } from 'vitest'
import { HandleQueue } from './sync-writer.ts'

const handle = { close: () => undefined } as unknown as FileSystemSyncAccessHandle

function queue(check: () => Promise<void> = async () => {}): { jobs: HandleQueue; opened: number } {
  const subject = {
    opened: 0,
    jobs: new HandleQueue(async () => {
      subject.opened++
      return handle
    }, check),
  }
  return subject
}

describe('work on a file handle', () => {
  test('a job that is queued as soon as the last one ends is done', async () => {
    const { jobs } = queue()
    const done: number[] = []
    const both = jobs.run(() => done.push(1)).then(() => jobs.run(() => done.push(2)))
    await both
    expect(done).toEqual([1, 2])
  })

  test('jobs that wait share one open handle', async () => {
    const subject = queue()
    await Promise.all([1, 2, 3].map((job) => subject.jobs.run(() => job)))
    expect(subject.opened).toBe(1)
  })

  test('a refusal to write fails all waiting jobs, and none that comes later', async () => {
    let refuses = true
    const { jobs } = queue(async () => {
      if (refuses) throw new Error('superseded')
    })
    const refused = await Promise.allSettled([jobs.run(() => 1), jobs.run(() => 2)])
    expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    refuses = false
    expect(await jobs.run(() => 3)).toBe(3)
    await jobs.idle()
  })
})
