import { expect } from '@playwright/test'
import type { LogEntry } from 'modelferry/hub'
import type { Stage } from '../stage/Stage.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import { note } from './stage/note.ts'
import { killBrowser } from './stage/processesOf.ts'
import { randomFrom } from './stage/randomFrom.ts'
import { seed } from './stage/seed.ts'
import { test } from './stage/test.ts'

/** Received bytes are committed within this time, even on a busy machine. */
const writtenMs = 1500

test.use({ hubOptions: { descriptorBytes: 1_000_000 } })

test('killed three times during a download: each start continues from the committed bytes', async ({
  stage,
  launch,
}) => {
  const { wide } = stage.files
  const random = randomFrom(seed)
  // Less than 2 MB a second: slow enough for three kills, with requests in all states.
  const stall = { do: 'stall', after: 700_000, ms: 3500 } as const
  stage.hub.hub.faults.add({ kind: 'xorb', times: null, action: stall })
  const ends = new Map<LogEntry, number>()
  stage.hub.hub.log.listen((entry) => ends.set(entry, Date.now()))
  const written = new Set<string>()
  /** Bytes as sent: one in a thousand is protocol overhead. */
  let writtenBytes = 0
  /** Some of their bytes are sent after the reader was killed. */
  const lost: LogEntry[] = []

  for (let life = 1; life <= 3; life++) {
    const context = await launch('profile')
    const session = stage.with(await context.newPage())
    await session.connect()
    const before = await heldOf(session)
    const earlier = stage.traffic.of('xorb').length
    const running = session.fetch(wide).catch(() => undefined)
    await session.until(wide, before + 1)
    await session.page.waitForTimeout(2000 + random() * 4000)
    expect(stage.traffic.of('xorb').some(({ done }) => !done)).toBe(true)
    await killBrowser(context)
    const died = Date.now()
    await running

    const asked = stage.traffic.of('xorb').slice(earlier)
    expect(asked.filter((entry) => written.has(key(entry)))).toEqual([])
    const old = asked.filter(
      (entry) => entry.bytes > stall.after && (ends.get(entry) ?? died) < died - writtenMs,
    )
    for (const entry of old) written.add(key(entry))
    writtenBytes += sum(old)
    lost.push(...asked.filter((entry) => !old.includes(entry)))
    note(`life ${life}`, `${asked.length} requests, ${old.length} of them old enough`)
  }
  expect(writtenBytes).toBeGreaterThan(3_000_000)

  stage.hub.hub.faults.clear()
  const context = await launch('profile')
  const last = stage.with(await context.newPage())
  await last.connect()
  const earlier = stage.traffic.of('xorb').length
  expect(await last.fetch(wide)).toMatchObject({ status: 200, sha256: wide.sha256 })
  const asked = stage.traffic.of('xorb').slice(earlier)
  expect(asked.filter((entry) => written.has(key(entry)))).toEqual([])
  note('bytes', `${stage.traffic.bytes('xorb')} for ${wide.size}, ${sum(lost)} lost at most`)
  expect(stage.traffic.bytes('xorb')).toBeLessThan(wide.size * 1.02 + sum(lost))
  await expect.poll(() => last.held()).toMatchObject([{ complete: true, verified: 'xet' }])
  expect(await last.page.evaluate(verify, last.url(wide))).toBe(true)
})

async function heldOf(stage: Stage): Promise<number> {
  return (await stage.held()).reduce((sum, { held }) => sum + held, 0)
}

function key({ path, range }: LogEntry): string {
  return `${path} ${range}`
}

function sum(entries: readonly LogEntry[]): number {
  return entries.reduce((total, { bytes }) => total + bytes, 0)
}

async function verify(url: string): Promise<boolean> {
  return await (window as unknown as StageWindow).ferry.verify(url)
}
