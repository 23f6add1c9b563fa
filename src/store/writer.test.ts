import { expect, test } from 'vitest'
import { RecentWrites } from './writer.ts'

const MiB = 2 ** 20

async function repeated(writes: RecentWrites): Promise<number[]> {
  const offsets: number[] = []
  await writes.repeat(async (offset) => void offsets.push(offset))
  return offsets
}

test('the newest 32 MiB are repeated in the order in which they were written', async () => {
  const writes = new RecentWrites()
  for (let at = 39; at >= 0; at -= 1) writes.add(at * MiB, new Uint8Array(MiB))
  const expected = Array.from({ length: 32 }, (_, index) => (31 - index) * MiB)
  expect(await repeated(writes)).toEqual(expected)
  writes.close()
})

test('files that are written at the same time share the memory', async () => {
  const [one, other] = [new RecentWrites(), new RecentWrites()]
  for (let at = 0; at < 32; at += 1) one.add(at * MiB, new Uint8Array(MiB))
  expect(await repeated(one)).toHaveLength(16)
  other.close()
  other.close()
  for (let at = 32; at < 64; at += 1) one.add(at * MiB, new Uint8Array(MiB))
  expect(await repeated(one)).toHaveLength(32)
  one.close()
})

test('bytes that turned out wrong are not repeated', async () => {
  const writes = new RecentWrites()
  for (const at of [0, 10, 20]) writes.add(at, new Uint8Array(10))
  writes.drop({ start: 12, end: 13 })
  expect(await repeated(writes)).toEqual([0, 20])
  const written = await writes.repeat(async () => undefined)
  expect(written.ranges).toEqual([
    { start: 0, end: 10 },
    { start: 20, end: 30 },
  ])
  writes.close()
})
