import { createServer, request as ask } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from '@playwright/test'
import { note } from './stage/note.ts'
import { killBrowser } from './stage/processesOf.ts'
import { test } from './stage/test.ts'
import { closeServer, listenLocally } from '../stage/local-server.ts'

const MB = 1_000_000

test.use({ hubOptions: { descriptorBytes: 16 * MB } })

test('a browser that is killed after 40 MB on a slow line has them on the device', async ({
  stage,
  launch,
}) => {
  const { large } = stage.files
  const storage = stage.hub.storageUrl
  const line = await slowLine(storage, 2 * MB)
  try {
    const context = await launch('profile')
    const first = stage.with(await context.newPage())
    await first.connect({ endpoints: { [storage]: line.url } })
    const running = first.fetch(large).catch(() => undefined)
    await expect.poll(() => line.sent(), { timeout: 60_000 }).toBeGreaterThan(40 * MB)
    const sent = line.sent()
    await killBrowser(context)
    await running
    line.release()

    const after = await launch('profile')
    const second = stage.with(await after.newPage())
    await second.connect({ endpoints: { [storage]: line.url } })
    const [file] = await second.held()
    note('received, on the device', `${sent}, ${file?.held} of ${large.size}`)
    // Two seconds of the line, and what lies in buffers between the two.
    expect(file?.held).toBeGreaterThan(sent - 6 * MB)
    const before = line.sent()
    expect(await second.fetch(large)).toMatchObject({ status: 200, sha256: large.sha256 })
    const rest = line.sent() - before
    note('received afterwards', `${rest}`)
    expect(sent + rest).toBeLessThan(large.size * 1.1)
  } finally {
    await line.close()
  }
})

test('on a slow line, what a page waits for comes before the rest of the file', async ({
  stage,
}) => {
  const { large } = stage.files
  const storage = stage.hub.storageUrl
  const rate = 4 * MB
  const line = await slowLine(storage, rate)
  try {
    await stage.connect({ endpoints: { [storage]: line.url } })
    const began = Date.now()
    const range = await stage.fetch(large, {
      init: { headers: { range: `bytes=${large.size - 2_000_000}-${large.size - 1_999_001}` } },
    })
    const ms = Date.now() - began
    note('range', `${ms} ms, ${line.sent()} bytes`)
    expect(range).toMatchObject({ status: 206, size: 1000 })
    expect(range.headers['x-modelferry']).toBe('stream')
    // Its xorb is the second of two.
    expect(line.sent()).toBeLessThan(1.3 * (large.size - 64 * 2 ** 20))

    const { first, last, size } = await stage.page.evaluate(async (url) => {
      const start = performance.now()
      const { body } = await fetch(url)
      let [first, size] = [0, 0]
      for await (const part of body as ReadableStream<Uint8Array>) {
        if (size === 0) first = performance.now() - start
        size += part.length
      }
      return { first, last: performance.now() - start, size }
    }, stage.url(large))
    note('first and last byte', `${Math.round(first)}, ${Math.round(last)} ms`)
    expect(size).toBe(large.size)
    expect(last).toBeLessThan((large.size / rate) * 1100)
  } finally {
    await line.close()
  }
})

interface SlowLine {
  readonly url: string
  /** Bytes of bodies so far. */
  readonly sent: () => number
  /** From now on the line is as fast as the network. */
  readonly release: () => void
  readonly close: () => Promise<void>
}

/** A proxy through which all bodies together come at `rate` bytes per second. */
async function slowLine(target: string, rate: number): Promise<SlowLine> {
  const { hostname, port, host } = new URL(target)
  let sent = 0
  let free = 0
  let open = false
  const server = createServer((incoming, outgoing) => {
    const { method = 'GET', url: path = '/', headers } = incoming
    const forwarded = ask({ hostname, port, method, path, headers: { ...headers, host } })
    forwarded.on('error', () => outgoing.destroy())
    forwarded.on('response', (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      // The line is free for others as soon as the client has ended its connection.
      outgoing.on('close', () => answer.destroy())
      const pass = async (): Promise<void> => {
        for await (const part of answer) {
          const { length } = part as Buffer
          free = Math.max(free, Date.now()) + (length / rate) * 1000
          if (!open) await sleep(free - Date.now())
          sent += length
          outgoing.write(part)
        }
        outgoing.end()
      }
      pass().catch(() => outgoing.destroy())
    })
    incoming.pipe(forwarded)
  })
  const ownPort = await listenLocally(server)
  return {
    url: `http://127.0.0.1:${ownPort}`,
    sent: () => sent,
    release: () => (open = true),
    close: () => closeServer(server),
  }
}
