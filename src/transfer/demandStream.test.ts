import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import type { FileInfo } from '../protocol/files.ts'
import type { Demand } from './file-source.ts'
import { demandStream } from './response-body.ts'

const size = 20 * 2 ** 20
const file = new Uint8Array(size).map((_, at) => (at >> 12) * 31)

/** A demand for a file that is all there; counts what it was asked for. */
class HeldDemand implements Demand {
  readonly taken = { range: { start: 0, end: 0 }, doubtful: [] }
  readonly info: FileInfo = { url: '', content: '', size, fetchedAt: 0 }
  readonly reads: [number, number][] = []
  released = 0
  failure: FerryError | undefined

  async until(): Promise<number> {
    if (this.failure) throw this.failure
    return size
  }

  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    this.reads.push([start, end])
    return file.slice(start, end)
  }

  release(): void {
    this.released += 1
  }
}

test.each([
  [0, size],
  [3, 4],
  [5, size - 7],
])('bytes %i to %i arrive whole and in order, each read once', async (start, end) => {
  const demand = new HeldDemand()
  const bytes = await new Response(demandStream(demand, { start, end })).bytes()
  expect(Buffer.compare(bytes, file.subarray(start, end))).toBe(0)
  let next = start
  for (const [from, to] of demand.reads) {
    expect(from).toBe(next)
    next = to
  }
  expect(next).toBe(end)
  expect(demand.released).toBeGreaterThan(0)
})

test('the next part is read while one is handed over, and no more', async () => {
  const demand = new HeldDemand()
  const reader = demandStream(demand, { start: 0, end: size }).getReader()
  await reader.read()
  await new Promise((resolve) => setTimeout(resolve))
  expect(demand.reads).toHaveLength(2)
  await reader.cancel()
  expect(demand.released).toBeGreaterThan(0)
})

test('what was read ahead and then recalled is not given away', async () => {
  const demand = new HeldDemand()
  const reader = demandStream(demand, { start: 0, end: size }).getReader()
  await reader.read()
  demand.failure = new FerryError('integrity', 'Recalled.')
  await expect(reader.read()).rejects.toBe(demand.failure)
})
