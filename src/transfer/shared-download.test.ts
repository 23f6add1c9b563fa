import { describe, expect, test, vi } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { encodeError } from '../protocol/channel.ts'
import type { FileInfo, LoadState } from '../data/index.ts'
import { OwnDownload } from './bandwidth.ts'

const info: FileInfo = { url: 'https://hub.example/x', size: 100, content: 'c', fetchedAt: 0 }

function load(): OwnDownload {
  return new OwnDownload(info, async ({ start, end }) => new Uint8Array(end - start))
}

const stretch = (start: number, end: number): { releasable: { start: number; end: number }[] } => ({
  releasable: [{ start, end }],
})

describe('a load that brought nothing yet', () => {
  const trouble = { origin: 'https://cas.example', until: Date.now() + 60_000 }
  const reason = { code: 'http' as const, message: 'No.', retryable: true, status: 503 }
  const waits = (
    more: { asked?: true; patienceMs?: number } = {},
  ): Pick<LoadState, 'phase' | 'waiting'> => ({
    phase: 'waiting',
    waiting: { ...trouble, reason, ...more },
  })

  test.each([
    ['is slow: it has all the time', {}, 4900, 5100, false],
    ['failed once: it has 1.5 s left, and the failure is the error', waits(), 1400, 1600, reason],
    [
      'waits as its server asked, for as long as the retry policy allows: its headers are given',
      waits({ asked: true, patienceMs: 120_000 }),
      1400,
      1600,
      true,
    ],
    [
      'waits as its server asked, for longer than the retry policy allows: the refusal is the error',
      waits({ asked: true, patienceMs: 25_000 }),
      1400,
      1600,
      reason,
    ],
    ['is slow, and the clock is set back by a day', {}, 4900, 5100, false, 86_400_000],
  ])('%s', async (_, change, before, after, begun, setBackMs = 0) => {
    vi.useFakeTimers({ toFake: ['Date', 'performance', 'setTimeout', 'clearTimeout'] })
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
      const abort = new AbortController()
      setTimeout(() => abort.abort(), ms)
      return abort.signal
    })
    try {
      const one = load()
      let answer: unknown
      void one
        .join()
        .begun(5000)
        .catch((error: unknown) => encodeError(error))
        .then((given) => (answer = given))
      one.update(change)
      // The clock of the device may be set at any time.
      vi.setSystemTime(Date.now() - setBackMs)
      await vi.advanceTimersByTimeAsync(before)
      expect(answer).toBe(undefined)
      await vi.advanceTimersByTimeAsync(after - before)
      expect(answer).toEqual(begun)
    } finally {
      vi.useRealTimers()
      vi.restoreAllMocks()
    }
  })
})

describe('a reader', () => {
  test('waits until its byte may be delivered, and gets the end of the releasable range', async () => {
    const one = load()
    const demand = one.join()
    const until = demand.until(50)
    one.update(stretch(0, 50))
    one.update(stretch(40, 70))
    expect(await until).toBe(70)
    expect(await demand.until(69)).toBe(70)
    expect(await demand.read(50, 70)).toHaveLength(20)
  })

  test('that waits is in the wanted list, in order of arrival', async () => {
    const one = load()
    const [first, second] = [one.join(), one.join()]
    const waiting = [first.until(80), second.until(3)]
    expect(one.wanted()).toEqual([
      { start: 80, end: 81 },
      { start: 3, end: 4 },
    ])
    one.update(stretch(0, 90))
    expect(await Promise.all(waiting)).toEqual([90, 90])
    expect(one.wanted()).toEqual([])
  })

  test('that aborts a wait leaves the wanted list, and stays a reader', async () => {
    const one = load()
    const demand = one.join()
    const abort = new AbortController()
    const until = demand.until(5, abort.signal)
    abort.abort(new Error('enough'))
    await expect(until).rejects.toThrow('enough')
    await expect(demand.until(5, abort.signal)).rejects.toThrow('enough')
    expect(one.wanted()).toEqual([])
    expect(one.ended).toBe(false)
  })

  test('that was released gets no bytes, and the last one ends the load', async () => {
    const one = load()
    const [first, second] = [one.join(), one.join()]
    const until = first.until(5)
    first.release()
    first.release()
    await expect(until).rejects.toMatchObject({ code: 'aborted' })
    expect(one.signal.aborted).toBe(false)
    second.release()
    expect(one.signal.reason).toMatchObject({ code: 'aborted' })
    expect(one.ended).toBe(true)
  })
})

describe('the end', () => {
  test('by completion releases everything, and is final', async () => {
    const one = load()
    const demand = one.join()
    const until = demand.until(99)
    one.update({ phase: 'complete' })
    expect(await until).toBe(100)
    one.update({ phase: 'failed', held: 3, releasable: [] })
    expect(one.state).toMatchObject({ phase: 'complete', held: 0 })
    expect(await demand.until(0)).toBe(100)
    expect(one.ended).toBe(true)
    expect(one.signal.aborted).toBe(false)
  })

  test('by failure reaches all readers, with its code', async () => {
    const one = load()
    const demand = one.join()
    const until = demand.until(1)
    const error = { code: 'network', message: 'Cut.', retryable: true } as const
    one.update({ phase: 'failed', error })
    await expect(until).rejects.toMatchObject(error)
    await expect(demand.read(0, 1)).rejects.toMatchObject(error)
  })

  test('from outside aborts the signal of the download', async () => {
    const one = load()
    const until = one.join().until(1)
    const reason = new FerryError('closed', 'The engine was closed.')
    one.end(reason)
    await expect(until).rejects.toMatchObject({ code: 'closed' })
    expect(one.signal.reason).toBe(reason)
  })
})

describe('bytes that turn out wrong', () => {
  const recalled = [{ start: 20, end: 40 }]

  test.each([
    ['from their beginning', 20, 25],
    ['from their middle', 30, 35],
    ['around them', 0, 100],
    ['up to their last', 39, 50],
  ])('fail a reader that read %s', async (_, start, end) => {
    const one = load()
    const demand = one.join()
    one.update(stretch(0, 100))
    await demand.read(start, end)
    one.update({ recalled, releasable: [] })
    await expect(demand.until(90)).rejects.toMatchObject({ code: 'integrity', retryable: true })
  })

  test.each([
    ['before them', 0, 20],
    ['behind them', 40, 60],
  ])('do not affect a reader that read %s', async (_, start, end) => {
    const one = load()
    const demand = one.join()
    one.update(stretch(0, 100))
    await demand.read(start, end)
    one.update({ recalled, ...stretch(60, 100) })
    expect(await demand.until(60)).toBe(100)
  })

  test('fail a reader that is reading them', async () => {
    const one = load()
    const demand = one.join()
    one.update(stretch(0, 100))
    const read = demand.read(25, 30)
    one.update({ recalled })
    await expect(read).rejects.toMatchObject({ code: 'integrity' })
  })

  test('and arrived again correctly are accepted, also for later readers', async () => {
    const one = load()
    const early = one.join()
    one.update({ recalled, releasable: [] })
    const late = one.join()
    one.update({ recalled, ...stretch(0, 100) })
    for (const demand of [early, late]) {
      expect(await demand.until(0)).toBe(100)
      expect(await demand.read(0, 100)).toHaveLength(100)
    }
    one.update({ recalled: [...recalled, { start: 90, end: 95 }] })
    await expect(late.until(0)).rejects.toMatchObject({ code: 'integrity' })
  })
})

test('the recalled list of a new transfer is not mistaken for a continuation of the old one', async () => {
  const one = load()
  const demand = one.join()
  one.update({ ...stretch(0, 50), recalled: [{ start: 60, end: 70 }] })
  await demand.read(0, 50)
  one.update({ recalled: [{ start: 10, end: 20 }] })
  await expect(demand.until(60)).rejects.toMatchObject({ code: 'integrity' })
})

test('a range within the file gets only proven bytes, a whole file all releasable ones', async () => {
  const one = load()
  const [inside, whole, suffix] = [
    one.join(undefined, { start: 10, end: 60 }),
    one.join(undefined, { start: 0, end: 100 }),
    one.join(undefined, { start: 10, end: 100 }),
  ]
  one.update({ releasable: [{ start: 0, end: 90 }], proven: [{ start: 0, end: 20 }] })
  expect(await inside.until(10)).toBe(20)
  expect(await whole.until(10)).toBe(90)
  expect(await suffix.until(10)).toBe(90)
  const rest = inside.until(20)
  one.update({ proven: [{ start: 0, end: 70 }] })
  expect(await rest).toBe(70)
})

describe('what readers wait for', () => {
  test('is told to other realms after a while, and again only when it changes or time passes', async () => {
    vi.useFakeTimers()
    try {
      const told: (readonly number[])[] = []
      const one = new OwnDownload(
        info,
        async () => new Uint8Array(),
        (positions) => told.push(positions),
      )
      const reader = one.join()
      void reader.until(50)
      await vi.advanceTimersByTimeAsync(300)
      expect(told).toEqual([])
      await vi.advanceTimersByTimeAsync(200)
      expect(told).toEqual([[50]])
      one.update({ held: 10 })
      await vi.advanceTimersByTimeAsync(500)
      expect(told).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(2000)
      one.update({ held: 20 })
      await vi.advanceTimersByTimeAsync(500)
      expect(told).toEqual([[50], [50]])
      one.update(stretch(0, 60))
      await vi.advanceTimersByTimeAsync(10_000)
      expect(told).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })

  test('in another realm is wanted, after the waits of this one, until it is not repeated', async () => {
    vi.useFakeTimers()
    try {
      const one = load()
      one.want('other', [70])
      void one.join().until(10)
      expect(one.wanted().map(({ start }) => start)).toEqual([10, 70])
      vi.advanceTimersByTime(6000)
      expect(one.wanted().map(({ start }) => start)).toEqual([10])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('bytes that were delivered before they were proven', () => {
  test('are vouched for by their transfer, to its end', async () => {
    const one = load()
    const demand = await reader(one)
    one.update({ transfer: 'a', phase: 'complete' })
    expect(await demand.until(40)).toBe(100)
  })

  test('fail their reader when another transfer fetched them again', async () => {
    const one = load()
    const demand = await reader(one)
    one.update({ transfer: 'b', inherited: ranges(0, 30), releasable: ranges(0, 60) })
    await expect(demand.until(40)).rejects.toMatchObject({ code: 'integrity', retryable: true })
  })

  test('stay valid when the other transfer found all of them on the device', async () => {
    const one = load()
    const demand = await reader(one)
    one.update({ transfer: 'b', inherited: ranges(0, 45), releasable: ranges(0, 60) })
    expect(await demand.until(40)).toBe(60)
  })

  test('are no longer doubtful when they were proven meanwhile', async () => {
    const one = load()
    const demand = await reader(one)
    one.update({ transfer: 'a', releasable: ranges(0, 50), proven: ranges(0, 50) })
    one.update({ transfer: 'b', releasable: ranges(0, 60) })
    expect(await demand.until(40)).toBe(60)
  })

  test('are remembered by the load that replaces a dead one', async () => {
    const { taken } = await reader(load())
    expect(taken).toMatchObject({
      range: { start: 0, end: 40 },
      doubtful: ranges(0, 40),
      transfer: 'a',
    })
    const [same, other, whole] = [load(), load(), load()]
    const demands = [same, other, whole].map((next) => next.join(taken))
    same.update({ transfer: 'a', releasable: ranges(0, 60) })
    other.update({ transfer: 'b', releasable: ranges(0, 60) })
    // Found complete: its transfer is unknown.
    whole.update({ phase: 'complete' })
    expect(await demands[0]!.until(40)).toBe(60)
    for (const demand of demands.slice(1))
      await expect(demand.until(40)).rejects.toMatchObject({ code: 'integrity' })
    const late = other.join(taken)
    await expect(late.until(40)).rejects.toMatchObject({ code: 'integrity' })
  })
})

function ranges(start: number, end: number): { start: number; end: number }[] {
  return [{ start, end }]
}

/** Reads 40 doubtful bytes of transfer `a`. */
async function reader(one: OwnDownload): Promise<ReturnType<OwnDownload['join']>> {
  const demand = one.join()
  one.update({ transfer: 'a', releasable: ranges(0, 50) })
  await demand.until(0)
  await demand.read(0, 40)
  return demand
}
