import { expect, onTestFinished, test, vi } from 'vitest'
import { systemClock } from '../core/async.ts'
import type { ByteRange } from '../core/bytes.ts'
import type { Folder } from './folder.ts'
import { MemoryWriter } from './memory-writer.ts'

const mebi = 2 ** 20

/** A file whose reader has read up to `read`, and may wait for more. */
function fileOf(): { writer: MemoryWriter; reader: { read: number; waits: boolean } } {
  const reader = { read: 0, waits: false }
  const readers = {
    needed: (): ByteRange[] => [{ start: reader.read, end: 200 * mebi }],
    waiting: () => reader.waits,
    onFull: () => undefined,
  }
  const folder = {} as Folder
  const signal = AbortSignal.timeout(10_000)
  const quotaError = new Error('full')
  const writer = new MemoryWriter({ folder, readers, clock: systemClock, signal, quotaError }, [])
  onTestFinished(() => writer.close())
  return { writer, reader }
}

async function write(writer: MemoryWriter, from: number, until: number): Promise<void> {
  for (let at = from; at < until; at += 1) await writer.write(at * mebi, new Uint8Array(mebi))
}

/** Whether a write waits. */
async function isPaused(writing: Promise<void>): Promise<boolean> {
  return await Promise.race([writing.then(() => false), systemClock.sleep(120).then(() => true)])
}

test('files that a full device keeps in memory share one limit', async () => {
  const [one, other] = [fileOf(), fileOf()]
  await write(one.writer, 0, 50)
  const writing = write(other.writer, 0, 20)
  expect(await isPaused(writing)).toBe(true)
  one.reader.read = 30 * mebi
  await vi.waitFor(async () => await writing)
})

test('a file whose reader waits is written all the same, and a closed one does not count', async () => {
  const [one, other] = [fileOf(), fileOf()]
  await write(one.writer, 0, 65)
  const writing = write(other.writer, 0, 2)
  expect(await isPaused(writing)).toBe(true)
  other.reader.waits = true
  await vi.waitFor(async () => await writing)
  other.reader.waits = false
  const more = write(other.writer, 2, 3)
  expect(await isPaused(more)).toBe(true)
  await one.writer.close()
  await vi.waitFor(async () => await more)
})
