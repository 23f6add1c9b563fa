import type { LimitStore, StartRequest } from '../limit-store.ts'

/** One requirement of a limit store. */
export interface LimitStoreCase {
  readonly title: string
  /** @throws Error with the expected and the actual value; errors of the store */
  readonly run: (subject: LimitStoreSubject) => Promise<void>
}

/** A new, empty store and its clock. */
export interface LimitStoreSubject {
  readonly store: LimitStore
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Lets time pass for the store; a store with its own clock has to wait. At most ten minutes per call. */
  readonly pass: (ms: number) => void | Promise<void>
  /** Makes the next call fail. When it is left out, the case that needs it is not run. */
  readonly breakNext?: () => void
}

/** @throws Error with both values when they differ */
export function expectSame(what: string, actual: unknown, expected: unknown): void {
  const [came, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (came !== wanted) throw new Error(`${what}: expected ${wanted}, but it is ${came}.`)
}

const six: StartRequest = {
  intervalMs: 6000,
  perInterval: 1,
  maxQueue: 5,
  maxWaitMs: 60_000,
  cost: 1,
}
const three: StartRequest = { ...six, intervalMs: 3000, perInterval: 3 }

/** Requirements on starts. */
export const startCases: readonly LimitStoreCase[] = [
  {
    title: 'starts are one step apart',
    run: async (subject) => {
      expectSame('starts', await starts(subject, six, 4), [0, 6000, 12_000, 18_000])
    },
  },
  {
    title: 'the starts of one interval come at once, later ones evenly spaced',
    run: async (subject) => {
      expectSame('starts', await starts(subject, three, 6), [0, 0, 0, 1000, 2000, 3000])
    },
  },
  {
    title: 'quota is refilled evenly, up to one interval',
    run: async (subject) => {
      await starts(subject, three, 3)
      await subject.pass(2000)
      expectSame('after two steps', await starts(subject, three, 3), [0, 0, 1000])
      await subject.pass(600_000)
      expectSame('after a long time', await starts(subject, three, 4), [0, 0, 0, 1000])
    },
  },
  {
    title: 'steps of fractional milliseconds delay no start',
    run: async (subject) => {
      const thirds = { ...three, intervalMs: 1000 }
      expectSame('burst', await starts(subject, thirds, 3), [0, 0, 0])
      await subject.pass(1000)
      expectSame('next burst', await starts(subject, thirds, 3), [0, 0, 0])
    },
  },
  {
    title: 'a start beyond maxWaitMs is refused until it is near enough',
    run: async (subject) => {
      const patient = { ...six, maxWaitMs: 10_000 }
      await starts(subject, patient, 2)
      const refused = await ask(subject, patient)
      expectSame('refusal', refused, { why: 'wait', retryAfterMs: 2000 })
      await subject.pass(1999)
      expectSame('too early', await ask(subject, patient), { why: 'wait', retryAfterMs: 1 })
      await subject.pass(1)
      expectSame('then', await ask(subject, patient), { start: 10_000 })
    },
  },
  {
    title: 'a reservation beyond maxQueue is refused until the first has started',
    run: async (subject) => {
      await starts(subject, six, 6)
      expectSame('refusal', await ask(subject, six), { why: 'waiting', retryAfterMs: 6000 })
      await subject.pass(6000)
      expectSame('then', await ask(subject, six), { start: 30_000 })
    },
  },
  {
    title: 'a start at once needs no waiting place',
    run: async (subject) => {
      const none = { ...six, maxQueue: 0 }
      expectSame('first', await ask(subject, none), { start: 0 })
      expectSame('second', await ask(subject, none), { why: 'waiting', retryAfterMs: 6000 })
    },
  },
  {
    title: 'a reservation uses as many starts as its cost',
    run: async (subject) => {
      expectSame('three at once', await ask(subject, { ...three, cost: 3 }), { start: 0 })
      expectSame('after them', await ask(subject, three), { start: 1000 })
    },
  },
  {
    title: 'the limits of the call count',
    run: async (subject) => {
      await starts(subject, six, 1)
      expectSame('a faster caller', await ask(subject, three), { start: 4000 })
      expectSame('a slow one after it', await ask(subject, six), { start: 7000 })
    },
  },
  {
    title: 'the last reservation can be cancelled, then the one before it',
    run: async (subject) => {
      const ids = await reserve(subject, six, 3)
      await subject.store.cancel(ids[2] as string)
      await subject.store.cancel(ids[1] as string)
      expectSame('the cancelled starts', await starts(subject, six, 2), [6000, 12_000])
    },
  },
  {
    title: 'another cancelled reservation leaves its start unused and frees its waiting place',
    run: async (subject) => {
      const ids = await reserve(subject, six, 6)
      await subject.store.cancel(ids[1] as string)
      expectSame('next start', await ask(subject, six), { start: 36_000 })
      expectSame('and no more', (await ask(subject, six)).why, 'waiting')
    },
  },
  {
    title: 'cancelling twice, or an unknown id, changes nothing',
    run: async (subject) => {
      const ids = await reserve(subject, six, 3)
      await subject.store.cancel(ids[2] as string)
      await subject.store.cancel(ids[2] as string)
      await subject.store.cancel('unknown id')
      expectSame('next start', await ask(subject, six), { start: 12_000 })
    },
  },
  {
    title: 'no two of many concurrent reservations get the same start',
    run: async (subject) => {
      const all = { ...six, maxQueue: 20, maxWaitMs: 600_000 }
      const replies = await Promise.all(Array.from({ length: 20 }, () => ask(subject, all)))
      const got = replies.map(({ start }) => start ?? -1).toSorted((a, b) => a - b)
      const wanted = Array.from({ length: 20 }, (_, index) => index * 6000)
      expectSame('starts', got, wanted)
    },
  },
  {
    title: 'a failed call leaves no reservation',
    run: async (subject) => {
      if (!subject.breakNext) return
      await starts(subject, six, 1)
      subject.breakNext()
      const failed = await ask(subject, six).then(
        () => false,
        () => true,
      )
      expectSame('failed', failed, true)
      expectSame('next start', await ask(subject, six), { start: 6000 })
    },
  },
]

/** Start times relative to now, or the reason of a refusal. */
async function ask(
  { store, now }: LimitStoreSubject,
  request: StartRequest,
): Promise<{ start?: number; why?: string; retryAfterMs?: number }> {
  const reply = await store.reserve('key', request, now())
  if (reply.granted) return { start: reply.start - now() }
  return { why: reply.why, retryAfterMs: reply.retryAfterMs }
}

async function starts(
  subject: LimitStoreSubject,
  request: StartRequest,
  count: number,
): Promise<(number | undefined)[]> {
  const all: (number | undefined)[] = []
  for (let left = count; left > 0; left--) all.push((await ask(subject, request)).start)
  return all
}

async function reserve(
  { store, now }: LimitStoreSubject,
  request: StartRequest,
  count: number,
): Promise<string[]> {
  const ids: string[] = []
  for (let left = count; left > 0; left--) {
    const reply = await store.reserve('key', request, now())
    if (!reply.granted) throw new Error(`A reservation was refused: ${reply.why}.`)
    ids.push(reply.id)
  }
  return ids
}
