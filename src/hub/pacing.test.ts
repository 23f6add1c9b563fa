import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longJsonAnswer, pacer, sorted } from './pacing.ts'

/** How many turns of the event loop pass while some work runs. */
async function turnsOf(work: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let over = false
  const count = (): void => {
    turns++
    if (!over) setImmediate(count)
  }
  setImmediate(count)
  await work()
  over = true
  return turns
}

function* count(to: number): Generator<object, void> {
  for (let at = 0; at < to; at++) yield { at }
}

test('long work gives way to others, one piece of it in each turn', async () => {
  const slices: number[] = []
  const work = async (id: number): Promise<void> => {
    const pause = pacer(1)
    for (let at = 0; at < 3; at++) {
      const until = performance.now() + 15
      while (performance.now() < until);
      slices.push(id)
      if (pause.due()) await pause.now()
    }
  }
  const turns = await turnsOf(() => Promise.all([work(1), work(2)]))
  expect(turns).toBeGreaterThanOrEqual(4)
  expect(slices).toHaveLength(6)
})

test('sorts as toSorted does', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 200 }), async (few) => {
      // More than two runs, each item with its place, so that stability shows.
      const items = Array.from({ length: 25 }, () => few)
        .flat()
        .map((key, place) => ({ key, place }))
      const byKey = (one: { key: number }, other: { key: number }): number => one.key - other.key
      expect(await sorted(items, byKey)).toEqual(items.toSorted(byKey))
    }),
    { numRuns: 20 },
  )
})

describe('a long JSON answer', () => {
  test('is what JSON.stringify gives, with generators as lists', async () => {
    async function* later(): AsyncGenerator<unknown, void> {
      yield { some: [1, { a: null }], none: undefined }
      yield { inner: count(2) }
    }
    const answer = await longJsonAnswer({
      a: 1,
      none: undefined,
      list: count(0),
      deep: { later: later() },
    })
    expect(await answer.json()).toEqual({
      a: 1,
      list: [],
      deep: { later: [{ some: [1, { a: null }] }, { inner: [{ at: 0 }, { at: 1 }] }] },
    })
    expect(answer.headers.get('content-length')).not.toBeNull()
    expect(await (await longJsonAnswer(['x'].values())).text()).toBe('["x"]')
  })

  test('comes in slices, and other requests run between them', async () => {
    let answer: Response | undefined
    const turns = await turnsOf(async () => {
      answer = await longJsonAnswer(count(50_000))
      expect(answer.headers.get('content-length')).toBeNull()
      expect(await answer.json()).toHaveLength(50_000)
    })
    expect(turns).toBeGreaterThan(5)
  })

  test('is made no further than it is read', async () => {
    let made = 0
    function* counted(): Generator<number, void> {
      try {
        for (;;) yield made++
      } finally {
        made = -1
      }
    }
    const { body } = await longJsonAnswer(counted())
    const before = made
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(made).toBe(before)
    await body!.cancel()
    expect(made).toBe(-1)
  })
})
