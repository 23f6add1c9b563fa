import { describe, expect, test, vi } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import type { Clock } from '../core/async.ts'
import { sleep } from '../core/async.ts'
import { openStore } from './opfs-store.ts'
import { check } from './testing/check.ts'
import { makeModel } from './testing/makeModel.ts'
import { writeRun } from './testing/writeRun.ts'
import { withFileLock } from './lock.ts'

/** Ten times as fast, so that five seconds of silence take half a second. */
const fast: Clock = { now: () => Date.now() * 10, sleep: (ms, signal) => sleep(ms / 10, signal) }

function place(clock: Clock = fast): Parameters<typeof withFileLock>[0] {
  const id = crypto.randomUUID()
  return { content: `etag:${id}`, lockName: `lock:${id}`, channelName: `beats:${id}`, clock }
}

/** Holds the lock without a heartbeat, like a frozen tab. */
async function freeze(lockName: string): Promise<{ lost: Promise<boolean> }> {
  const { promise: held, resolve } = deferred()
  const lost = navigator.locks
    .request(lockName, () => {
      resolve()
      return sleep(30_000)
    })
    .then(
      () => false,
      () => true,
    )
  await held
  return { lost }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  const settle: (() => void)[] = []
  const promise = new Promise<void>((resolve) => settle.push(resolve))
  return { promise, resolve: () => settle[0]?.() }
}

describe('a file lock', () => {
  test('runs one work at a time, in order, and returns its result', async () => {
    const where = place()
    const log: string[] = []
    const work = (name: string) => () =>
      withFileLock(where, {}, async () => {
        log.push(`${name} in`)
        await sleep(20)
        log.push(`${name} out`)
        return name
      })
    const first = work('a')()
    await sleep(5)
    expect(await Promise.all([first, work('b')(), work('c')()])).toEqual(['a', 'b', 'c'])
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  })

  test('shares one channel for heartbeats with all locks of its realm', async () => {
    const where = place()
    let opened = 0
    vi.stubGlobal(
      'BroadcastChannel',
      class extends BroadcastChannel {
        constructor(name: string) {
          super(name)
          opened += 1
        }
      },
    )
    const work = Array.from({ length: 100 }, (_, index) =>
      withFileLock({ ...where, lockName: `${where.lockName} ${index}` }, {}, () => sleep(20)),
    )
    await Promise.all(work)
    expect(opened).toBe(1)
  })

  test('does not wait with ifAvailable', async () => {
    const where = place()
    await withFileLock(where, {}, async () => {
      expect(await withFileLock(where, { ifAvailable: true }, async () => 'got it')).toBe(undefined)
    })
    expect(await withFileLock(where, { ifAvailable: true }, async () => 'got it')).toBe('got it')
  })

  test('stays with a slow holder that sends heartbeats', async () => {
    const where = place()
    const { promise, resolve } = deferred()
    const holder = withFileLock(where, {}, async (signal) => {
      resolve()
      await sleep(1500)
      return signal.aborted
    })
    await promise
    const waiter = withFileLock(where, {}, async () => 'then me')
    expect(await holder).toBe(false)
    expect(await waiter).toBe('then me')
  })

  test('is stolen from a silent holder, by one of the waiters at a time', async () => {
    const where = place()
    const { lost } = await freeze(where.lockName)
    let inside = 0
    let most = 0
    const wait = (): Promise<string | undefined> =>
      withFileLock(where, {}, async () => {
        most = Math.max(most, ++inside)
        await sleep(100)
        inside--
        return 'done'
      })
    expect(await Promise.all([wait(), wait(), wait()])).toEqual(['done', 'done', 'done'])
    expect(await lost).toBe(true)
    expect(most).toBe(1)
  })

  test('that was lost aborts the work by its signal, and rejects for the loser', async () => {
    const where = place()
    const { promise, resolve } = deferred()
    const loser = withFileLock(where, {}, async (signal) => {
      resolve()
      await sleep(10_000, signal)
    })
    await promise
    const thief = navigator.locks.request(where.lockName, { steal: true }, async () => 'mine')
    await expect(loser).rejects.toMatchObject({ code: 'superseded' })
    expect(await thief).toBe('mine')
  })

  test('stops waiting when its signal aborts', async () => {
    const where = place()
    await withFileLock(where, {}, async () => {
      const reason = new Error('enough')
      const stop = new AbortController()
      const waiter = withFileLock(where, { signal: stop.signal }, async () => 'never')
      setTimeout(() => stop.abort(reason), 20)
      await expect(waiter).rejects.toBe(reason)
    })
  })

  test('throws the error of the work, and is free afterwards', async () => {
    const where = place()
    const error = new Error('broken')
    await expect(withFileLock(where, {}, () => Promise.reject(error))).rejects.toBe(error)
    expect(await withFileLock(where, {}, async () => 'next')).toBe('next')
  })
})

test('a writer whose lock was stolen cannot commit any more', async () => {
  const hasher = await createHasher()
  const store = await openStore({ hasher, root: `test-${crypto.randomUUID()}` })
  const model = makeModel(hasher, 31, 1_500_000)
  const { promise: begun, resolve: hasBegun } = deferred()
  const { promise: go, resolve: letGo } = deferred()
  const codes: unknown[] = []
  const loser = store.lock(model.content, {}, async () => {
    const partial = await store.begin(model.content, model.bytes.length)
    hasBegun()
    await go
    await writeRun(partial, model, model.runs[0] as (typeof model.runs)[0])
    await partial.flush().catch((error: { code?: string }) => codes.push(error.code))
  })
  await begun
  const names = (await navigator.locks.query()).held?.map((lock) => lock.name ?? '') ?? []
  const lockName = names.find((name) => name.endsWith(model.content)) ?? ''
  await navigator.locks.request(lockName, { steal: true }, async () => {
    const partial = await store.begin(model.content, model.bytes.length)
    letGo()
    await expect(loser).rejects.toMatchObject({ code: 'superseded' })
    for (const run of model.runs) await writeRun(partial, model, run)
    await partial.finish('xet')
  })
  expect(codes).toEqual(['superseded'])
  const file = await store.file(model.content)
  check.bytes(new Uint8Array((await file?.arrayBuffer()) ?? []), model.bytes, 'finished file')
  await store.clear()
})
