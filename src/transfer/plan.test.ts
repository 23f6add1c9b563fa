import { expect, test, describe } from 'vitest'
import { nextTask, type Piece, type Span, piecesOf, TaskQueue, fetchesSameBytes } from './plan.ts'
import { ByteSet } from '../core/bytes.ts'
import type { Block, Descriptor, Run } from '../reconstruction/record-store.ts'
import { badServers, idealMs, lines, plainMs, type SimLine } from '../../bench/sim/lines.ts'
import { simulate } from '../../bench/sim/simulate.ts'

describe('what the device has lost', () => {
  const task = (spans: readonly (readonly [start: number, end: number])[]): TaskQueue => {
    const queue = new TaskQueue([])
    for (const [start, end] of spans) queue.addSpans([{ start, end }], new ByteSet(), true)
    return queue
  }
  const never = new AbortController().signal

  test('is fetched last, some pauses after everything else', async () => {
    const queue = task([[0, 10]])
    queue.addSpans([{ start: 10, end: 20 }], new ByteSet())
    let pauses = 0
    const next = async (): Promise<number | undefined> => {
      const found = await queue.next(
        () => [],
        6,
        () => false,
        async () => void (pauses += 1),
        never,
      )
      if (found) queue.done(found)
      return found?.kind === 'open' ? found.span.range.start : undefined
    }
    expect([await next(), pauses]).toEqual([10, 0])
    expect([await next(), pauses]).toEqual([0, 8])
    expect([await next(), pauses]).toEqual([undefined, 8])
  })

  test('connections do not wait for readers whose bytes no running task brings', async () => {
    const queue = new TaskQueue([])
    queue.addSpans(
      [
        { start: 0, end: 10 },
        { start: 10, end: 20 },
      ],
      new ByteSet(),
    )
    const proof = [{ start: 90, end: 91 }]
    const next = (): Promise<unknown> =>
      queue.next(
        () => proof,
        6,
        () => true,
        () => Promise.reject(),
        never,
      )
    expect(await next()).toMatchObject({ span: { range: { start: 0 } } })
    expect(await next()).toMatchObject({ span: { range: { start: 10 } } })
  })

  test('is fetched at once when a reader waits for it', async () => {
    const queue = task([
      [0, 10],
      [20, 30],
    ])
    const pause = (): Promise<void> => Promise.reject(new Error('no pause'))
    const wanted = [{ start: 25, end: 26 }]
    const found = await queue.next(
      () => wanted,
      6,
      () => false,
      pause,
      never,
    )
    expect(found).toMatchObject({ kind: 'open', span: { range: { start: 20 } } })
  })
})

test('what a request has not brought is queued, also while others wait to relieve it of that', () => {
  const queue = new TaskQueue([])
  const range = { start: 0, end: 9 }
  const relieves = {
    over: new AbortController(),
    leave: async () => false,
    refuse: () => undefined,
  }
  queue.relieve(relieves, [range])
  queue.addSpans([range], new ByteSet())
  queue.addSpans([range], new ByteSet())
  expect(queue.spans.map((span) => 'relieves' in span)).toEqual([true, false])
})

describe('nextTask', () => {
  function span(start: number, end: number, first = false): Span {
    return { range: { start, end }, first, progressGeneration: 0 }
  }

  function piece(start: number, end: number): Piece {
    const chunks = { start: 0, end: 1 }
    const url = 'https://storage.example/x'
    return {
      span: span(start, end),
      descriptor: { xorb: 'x', chunks, bytes: { start: 0, end: 9 }, url },
      runs: [{ xorb: 'x', chunks, offset: start, length: end - start }],
    }
  }

  const byte = (at: number): { start: number; end: number } => ({ start: at, end: at + 1 })

  function chosen(
    spans: readonly Span[],
    pieces: readonly Piece[],
    wanted: readonly { start: number; end: number }[],
  ): string {
    const task = nextTask(spans, pieces, wanted, { free: 1, most: 6, opening: [] })
    if (task === undefined) return 'nothing'
    return task.kind === 'open'
      ? `open ${task.span.range.start}`
      : `fetch ${task.piece.runs[0]?.offset}`
  }

  test.each([
    ['nothing left', [], [], [], 'nothing'],
    [
      'wanted bytes before unknown blocks',
      [span(50, 99, true)],
      [piece(0, 9)],
      [byte(3)],
      'fetch 0',
    ],
    [
      'the block of wanted bytes before others',
      [span(0, 50, true), span(50, 99, true)],
      [],
      [byte(60)],
      'open 50',
    ],
    ['unknown blocks before unwanted pieces', [span(50, 99, true)], [piece(0, 9)], [], 'open 50'],
    ['wanted bytes', [], [piece(0, 9), piece(9, 20)], [byte(10)], 'fetch 9'],
    ['the most wanted bytes', [], [piece(0, 9), piece(9, 20)], [byte(10), byte(1)], 'fetch 9'],
    ['wanted bytes of an unknown block', [span(20, 40)], [piece(0, 9)], [byte(30)], 'open 20'],
    ['wanted bytes that are being fetched', [], [piece(0, 9)], [byte(30)], 'fetch 0'],
    [
      'the second wanted range, while the first is being fetched',
      [],
      [piece(0, 9), piece(9, 20)],
      [byte(30), byte(9)],
      'fetch 9',
    ],
    ['from the start', [], [piece(0, 9), piece(9, 20)], [], 'fetch 0'],
    ['known pieces before unknown blocks', [span(0, 9)], [piece(9, 20)], [], 'fetch 9'],
    ['the rest', [span(20, 30), span(30, 40)], [], [], 'open 20'],
  ])('%s', (_, spans, pieces, wanted, expected) => {
    expect(chosen(spans, pieces, wanted)).toBe(expected)
  })

  test('a piece leaves connections for pieces before it, whose plans are under way', () => {
    const room = { most: 6, opening: [span(0, 9).range, span(9, 20).range, span(90, 99).range] }
    const late = [piece(40, 50)]
    expect(nextTask([], late, [], { ...room, free: 2 })).toBeUndefined()
    expect(nextTask([], late, [], { ...room, free: 3 })).toMatchObject({ piece: late[0] })
    expect(nextTask([], late, [byte(45)], { ...room, free: 1 })).toMatchObject({ piece: late[0] })
  })
})

describe('piecesOf', () => {
  function run(xorb: string, start: number, end: number, offset: number): Run {
    return { xorb, chunks: { start, end }, offset, length: 10 * (end - start) }
  }

  function descriptor(xorb: string, start: number, end: number): Descriptor {
    const bytes = { start: 12 * start, end: 12 * end }
    return { xorb, chunks: { start, end }, bytes, url: `https://storage.example/${xorb}` }
  }

  function plan(
    runs: readonly Run[],
    descriptors: readonly Descriptor[],
    held: ByteSet = new ByteSet(),
    range: { start: number; end: number } = { start: 0, end: 1000 },
  ): string[] {
    const rest = { fetchedAt: 0, deadline: null, skew: 0, generation: 1 }
    const block: Block = { range, runs, descriptors, ...rest }
    const span: Span = { range, first: true, progressGeneration: 0 }
    return piecesOf(span, block, held).map(
      (piece) =>
        `${piece.descriptor.xorb}${piece.descriptor.chunks.start} ${piece.runs.map(({ offset }) => offset).join()}`,
    )
  }

  test('one piece per descriptor, in file order', () => {
    const runs = [run('b', 0, 2, 0), run('a', 0, 3, 20), run('b', 2, 4, 50)]
    const descriptors = [descriptor('a', 0, 3), descriptor('b', 2, 4), descriptor('b', 0, 2)]
    expect(plan(runs, descriptors)).toEqual(['b0 0', 'a0 20', 'b2 50'])
  })

  test('repeated chunks of a file are fetched once for all places', () => {
    const runs = [run('a', 0, 2, 0), run('a', 1, 2, 20), run('a', 0, 2, 30)]
    expect(plan(runs, [descriptor('a', 0, 2)])).toEqual(['a0 0,20,30'])
  })

  test('a run in two descriptors is fetched by one of them', () => {
    const descriptors = [descriptor('a', 0, 9), descriptor('a', 3, 9)]
    expect(plan([run('a', 3, 9, 0)], descriptors)).toEqual(['a0 0'])
    expect(plan([run('a', 3, 9, 0), run('a', 0, 9, 60)], descriptors)).toEqual(['a0 0,60'])
  })

  test('a chunk that begins before the range belongs to the previous range', () => {
    const runs = [run('a', 7, 8, 95), run('b', 0, 2, 105)]
    const range = { start: 100, end: 200 }
    const descriptors = [descriptor('a', 7, 8), descriptor('b', 0, 2)]
    expect(plan(runs, descriptors, new ByteSet(), range)).toEqual(['b0 105'])
  })

  test('committed runs are not fetched', () => {
    const runs = [run('a', 0, 2, 0), run('a', 2, 4, 20)]
    const held = new ByteSet([{ start: 0, end: 25 }])
    expect(plan(runs, [descriptor('a', 0, 2), descriptor('a', 2, 4)], held)).toEqual(['a2 20'])
  })

  test('runs outside of the range are ignored', () => {
    const runs = [run('a', 0, 2, 90), run('a', 2, 4, 110)]
    const held = new ByteSet([{ start: 100, end: 120 }])
    const range = { start: 100, end: 120 }
    expect(plan(runs, [descriptor('a', 0, 2), descriptor('a', 2, 4)], held, range)).toEqual([])
  })
})

describe('simulated loads', () => {
  const named = (name: string): SimLine =>
    [...lines, ...badServers].find((line) => line.name === name)!
  const worst = (name: string): number =>
    Math.max(...[1, 2, 3].map((seed) => simulate(named(name), seed).ms))

  test.each([
    ['6 x 20 MB/s, 50 ms', 0.9],
    ['3 MB/s shared, 150 ms', 0.98],
    ['the same, 1 % resets', 0.98],
  ])(
    '"%s" takes as long as one request with all that the line carries, to a factor of %d',
    (name, share) => {
      expect(idealMs(named(name)) / worst(name)).toBeGreaterThan(share)
    },
  )

  test.each([
    'closes after each answer',
    'proxy passes one at a time',
    'the same, 1 MB/s',
    'reads up to the range first',
  ])('"%s" takes at most as long as 1.1 plain requests after two seconds', (name) => {
    expect(worst(name) - 2000).toBeLessThan(1.1 * plainMs(named(name)))
  })
})

describe('fetchesSameBytes', () => {
  function piece(xorb: string, start: number, end: number, ...offsets: number[]): Piece {
    const chunks = { start, end }
    return {
      span: { range: { start: 0, end: 1000 }, first: true, progressGeneration: 0 },
      descriptor: { xorb, chunks, bytes: { start: 0, end: 50 }, url: 'https://storage.example/' },
      runs: offsets.map((offset) => ({ xorb, chunks, offset, length: 10 })),
    }
  }

  test.each<[what: string, a: Piece, b: Piece, expected: boolean]>([
    ['the same chunks for another place', piece('a', 1, 3, 0), piece('a', 1, 3, 50), true],
    ['more places for them', piece('a', 1, 3, 0, 20), piece('a', 1, 3, 50), true],
    ['other chunks', piece('a', 1, 3, 0), piece('a', 1, 4, 50), false],
    ['another xorb', piece('a', 1, 3, 0), piece('b', 1, 3, 50), false],
    ['a file without xorbs', piece('', 1, 3, 0), piece('', 1, 3, 50), false],
    ['a run that two ranges share', piece('a', 1, 3, 0), piece('a', 1, 3, 0), false],
  ])('%s', (_, a, b, expected) => {
    expect(fetchesSameBytes(a, b)).toBe(expected)
  })
})
