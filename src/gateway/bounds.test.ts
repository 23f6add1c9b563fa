import { openAsBlob } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createQueue } from '../queue/index.ts'
import { testGateway } from './testing/test-gateway.ts'

afterEach(() => void vi.useRealTimers())

test('row 55: 100 000 addresses leave nothing behind', async () => {
  vi.useFakeTimers()
  const gateway = testGateway({
    queue: createQueue({ maxKeys: 10_000 }),
    log: { line: () => undefined },
    handle: async () => new Response(null),
  })
  let most = 0
  let refused = 0
  for (let each = 0; each < 100_000; each++) {
    const peer = `${1 + (each >> 16)}.${(each >> 8) & 255}.${each & 255}.1`
    const response = await gateway.ask('/x', { peer })
    if (response.status !== 200) refused++
    gateway.seen.length = 0
    if (each % 1000 === 0) most = Math.max(most, gateway.queue.totals.keys)
  }
  expect(most).toBeLessThanOrEqual(10_000)
  expect(refused).toBe(0)
  await vi.advanceTimersByTimeAsync(10 * 60_000)
  await (await gateway.ask()).text()
  expect(gateway.queue.totals.keys).toBe(1)
}, 60_000)

test('a file goes through in parts as large as it gives, and none is kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'modelferry-gateway-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'weights')
  const size = 8 * 2 ** 20
  await writeFile(path, new Uint8Array(size))
  const file = await openAsBlob(path)
  const gateway = testGateway({ handle: async () => new Response(file) })
  expect(await parts(await gateway.ask())).toEqual(await parts(new Response(file)))
  expect(gateway.queue.totals.running).toBe(0)
})

async function parts(response: Response): Promise<number[]> {
  const sizes: number[] = []
  for await (const part of response.body!) sizes.push(part.byteLength)
  return sizes
}
