import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import type { Browser } from 'puppeteer-core'
import { FirefoxPage } from '../../firefox/stage/FirefoxPage.ts'
import { openFirefox } from '../../firefox/stage/openFirefox.ts'
import { test } from '../../firefox/stage/test.ts'
import type { Stage } from '../../stage/Stage.ts'
import type { StageWindow } from '../../stage/StageWindow.ts'
import { note } from '../stage/note.ts'

/** Received bytes are committed within this time, even on a busy machine. */
const writtenMs = 1500

test.use({ hubOptions: { descriptorBytes: 1_000_000 } })

test('killed twice during a download: each start continues from the committed bytes', async ({
  stage,
}) => {
  const { wide } = stage.files
  const stall = { do: 'stall', after: 700_000, ms: 3000 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: stall })
  const ends = new Map<LogEntry, number>()
  stage.hub.hub.log.listen((entry) => ends.set(entry, Date.now()))
  const written = new Set<string>()
  const profile = await mkdtemp(join(tmpdir(), 'modelferry-profile-'))
  let firefox: Browser | undefined
  const start = async (): Promise<Stage<FirefoxPage>> => {
    firefox = await openFirefox({ profile })
    const session = stage.with(new FirefoxPage(await firefox.newPage()))
    await session.connect()
    return session
  }
  try {
    for (let life = 1; life <= 2; life++) {
      const session = await start()
      const held = (await session.held()).reduce((sum, { held }) => sum + held, 0)
      const earlier = stage.traffic.of('xorb').length
      const running = session.fetch(wide).catch(() => undefined)
      await session.until(wide, held + 6_000_000)
      await new Promise((resolve) => setTimeout(resolve, 2 * writtenMs))
      expect(stage.traffic.of('xorb').some(({ done }) => !done)).toBe(true)
      await kill(firefox!)
      const died = Date.now()
      await running
      const asked = stage.traffic.of('xorb').slice(earlier)
      expect(asked.filter((entry) => written.has(piece(entry)))).toEqual([])
      const old = asked.filter((entry) => (ends.get(entry) ?? died) < died - writtenMs)
      for (const entry of old) written.add(piece(entry))
      note(`life ${life}`, `${asked.length} requests, ${old.length} of them old enough`)
      expect(old.length).toBeGreaterThan(3)
    }

    stage.hub.hub.faults.clear()
    const last = await start()
    const earlier = stage.traffic.of('xorb').length
    expect(await last.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
    const asked = stage.traffic.of('xorb').slice(earlier)
    expect(asked.filter((entry) => written.has(piece(entry)))).toEqual([])
    await expect.poll(() => last.held()).toMatchObject([{ complete: true, verified: 'xet' }])
    expect(await last.page.evaluate(verify, last.url(wide))).toBe(true)
  } finally {
    await firefox?.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
})

/** Kills a browser without warning, as the system does when memory runs out. */
async function kill(firefox: Browser): Promise<void> {
  const program = firefox.process()!
  const ended = new Promise((resolve) => program.once('close', resolve))
  program.kill('SIGKILL')
  await ended
}

function piece({ path, range }: LogEntry): string {
  return `${path} ${range}`
}

async function verify(url: string): Promise<boolean> {
  return await (window as unknown as StageWindow).ferry.verify(url)
}
