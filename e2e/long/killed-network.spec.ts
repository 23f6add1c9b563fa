import { readdir, readFile } from 'node:fs/promises'
import { expect } from '@playwright/test'
import { note } from './stage/note.ts'
import { processesOf } from './stage/processesOf.ts'
import { test } from './stage/test.ts'

test.use({ hubOptions: { descriptorBytes: 1_000_000 } })

for (const by of ['page', 'ferry'] as const)
  test(`the network process of the browser is killed during a download, fetched by ${by}: the download continues`, async ({
    stage,
    launch,
  }) => {
    const { wide } = stage.files
    // Slow enough that half of the file is in flight when the process is killed.
    const stall = { do: 'stall', after: 700_000, ms: 1500 } as const
    stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: stall })
    const context = await launch('profile')
    const session = stage.with(await context.newPage())
    await session.connect()
    const answer = session.fetch(wide, { by })
    await session.until(wide, wide.size / 3)
    const browser = (await processesOf(context)).find(({ type }) => type === 'browser')
    const network = await networkProcesses(browser!.id)
    expect(network.length).toBeGreaterThan(0)
    for (const id of network) process.kill(id, 'SIGKILL')
    const killed = Date.now()
    stage.hub.hub.faults.clear()
    const got = await answer
    note('answer ended', `${Date.now() - killed} ms`)
    if (got.failure === undefined) expect(got.sha256).toBe(wide.sha256)
    // Chromium 156 terminates the service worker together with that process, which cuts the bodies that it feeds.
    const whole = by === 'ferry' ? got : await session.fetch(wide)
    expect(whole.failure).toBeUndefined()
    expect(whole).toMatchObject({ status: 200, sha256: wide.sha256 })
    note('bytes', `${stage.traffic.bytes('xorb')} for ${wide.size}`)
    expect(stage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.2)
    await expect.poll(() => session.held()).toMatchObject([{ complete: true, verified: 'xet' }])
  })

/** The processes of a browser that make its requests. */
async function networkProcesses(browser: number): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found: number[] = []
  for (const id of ids) {
    const [command, stat] = await Promise.all(
      ['cmdline', 'stat'].map((name) => readFile(`/proc/${id}/${name}`, 'utf8').catch(() => '')),
    )
    const parent = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    const isNetwork = command?.includes('network.mojom.NetworkService') ?? false
    if (isNetwork && (await isBelow(parent, browser))) found.push(id)
  }
  return found
}

async function isBelow(id: number, ancestor: number): Promise<boolean> {
  for (let at = id; at > 1;) {
    if (at === ancestor) return true
    const stat = await readFile(`/proc/${at}/stat`, 'utf8').catch(() => '')
    at = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  }
  return false
}
