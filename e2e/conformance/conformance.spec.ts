import { mkdir, writeFile } from 'node:fs/promises'
import { expect, test } from '@playwright/test'
import type { Page } from '@playwright/test'
import type { ConnectOptions } from 'modelferry'
import type { StageWindow } from '../stage/StageWindow.ts'
import { visits } from './behaviour.ts'
import { choosePairs } from './cells.ts'
import type { Cell, Pair } from './cells.ts'
import { judge } from './judge.ts'
import { digest } from './made-bytes.ts'
import { play } from './play.ts'
import type { Ask, Outcome } from './play.ts'
import { compareWithKnown, tableOf } from './report.ts'
import { fillHub } from './fill-hub.ts'
import { filesPath, idOf, startWorld, truthOf } from './world.ts'
import type { World } from './world.ts'

/** CONFORMANCE=all plays the whole table; SEED chooses a fifth of it; CONFORMANCE_ONLY is a regular expression. */
const all = process.env['CONFORMANCE'] === 'all'
const day = Math.floor(Date.now() / 86_400_000)
const seed = all ? undefined : Number(process.env['SEED'] ?? day) % 5
const only = new RegExp(process.env['CONFORMANCE_ONLY'] ?? '')
/** Our answer may come so much later than the plain one, milliseconds. */
const boundMs = 2500
const limitMs = 6000
/** Requests handed to the page at once. */
const batch = 120

test('every request to every server is answered as without modelferry, or better', async ({
  browser,
}) => {
  test.setTimeout(all ? 30 * 60_000 : 4 * 60_000)
  const pairs = choosePairs(seed, only)
  const behaviours = [...new Set(pairs.map(({ behaviour }) => behaviour))]
  const hub = await fillHub(pairs)
  const played: Record<'plain' | 'ours', Map<string, Outcome>> = {
    plain: new Map(),
    ours: new Map(),
  }
  for (const side of ['plain', 'ours'] as const) {
    const world = await startWorld(behaviours, hub)
    const context = await browser.newContext()
    try {
      const page = await context.newPage()
      await page.goto(world.url)
      if (side === 'ours')
        await page.evaluate(connect, {
          hubs: world.hubs,
          files: [`http://127.0.0.1:*${filesPath}/*`],
        })
      for (const visit of visits) {
        world.visit = visit
        if (visit === 'offline') {
          world.cut()
          await context.setOffline(true)
        } else await setCookies(page, pairs, visit)
        for (let at = 0; at < pairs.length; at += batch) {
          const some = pairs.slice(at, at + batch)
          const asks = some.map((pair) => askOf(world, pair, visit))
          const start = Date.now()
          const outcomes = await page.evaluate(play, asks)
          if (process.env.SHOW)
            console.log(
              `  ${side}, ${visit}: ${at + some.length} of ${pairs.length}, ${Date.now() - start} ms`,
            )
          for (const [index, outcome] of outcomes.entries())
            played[side].set(keyOf(some[index]!, visit), outcome)
        }
      }
    } finally {
      await context.close()
      await world.close()
    }
  }
  await hub?.close()
  const cells = pairs.flatMap((pair) =>
    visits.map((visit): Cell => {
      const plain = played.plain.get(keyOf(pair, visit))!
      const ours = played.ours.get(keyOf(pair, visit))!
      const earlier = visits[visits.indexOf(visit) - 1]
      const before = earlier && played.plain.get(keyOf(pair, earlier))
      const bytes = bytesOf(pair, visit, ours)
      const red = judge({
        plain,
        ours,
        ...(before && { before }),
        method: pair.way.method ?? 'GET',
        range: pair.way.range,
        // A hub names the file by its own hash, its storage names bytes by another one.
        etag: pair.behaviour.place !== 'hub',
        boundMs: pair.behaviour.boundMs ?? boundMs,
        ...bytes,
      })
      return {
        browser: 'chromium',
        kind: pair.kind,
        behaviour: idOf(pair.behaviour),
        request: pair.way.name,
        visit,
        ...(red !== undefined && { red }),
        plain: tell(plain),
        ours: tell(ours),
        plainMs: plain.ms,
        oursMs: ours.ms,
      }
    }),
  )
  console.log(tableOf(cells, all ? 'all of it' : `SEED=${seed}`))
  await mkdir('test-results', { recursive: true })
  await writeFile('test-results/conformance-chromium.json', JSON.stringify(cells, undefined, 1))
  const { unlisted, mended } = compareWithKnown(cells, wholeTable())
  expect(unlisted.concat(mended).join('\n')).toBe('')
})

/** Every cell there is, by its name. */
function wholeTable(): Pick<Cell, 'behaviour' | 'request' | 'visit'>[] {
  return choosePairs(undefined, /(?:)/).flatMap(({ behaviour, way }) =>
    visits.map((visit) => ({ behaviour: idOf(behaviour), request: way.name, visit })),
  )
}

async function connect(options: ConnectOptions): Promise<void> {
  const page = window as unknown as StageWindow
  page.ferry = await page.modelferry.connect(options)
}

/** Gives the page the cookies it has at a visit. */
async function setCookies(
  page: Page,
  pairs: readonly Pair[],
  visit: (typeof visits)[number],
): Promise<void> {
  const texts = new Set(pairs.map(({ behaviour }) => behaviour.cookie?.(visit)))
  for (const text of texts)
    if (text !== undefined) await page.evaluate((text) => fetch(`/cookie?${text}`), text)
}

function keyOf({ behaviour, way }: Pair, visit: string): string {
  return `${idOf(behaviour)} ${way.name} ${visit}`
}

function askOf(world: World, { behaviour, way }: Pair, visit: (typeof visits)[number]): Ask {
  const { name, ...rest } = way
  const query = behaviour.query?.(visit) ?? ''
  const url = world.address(behaviour, name) + query
  return { ...rest, url, limitMs, ...(behaviour.init && { init: behaviour.init }) }
}

/** What is right at a visit. */
function bytesOf(
  { behaviour, way }: Pair,
  visit: (typeof visits)[number],
  ours: Outcome,
): Pick<Parameters<typeof judge>[0], 'truths' | 'prefixes'> {
  const headers = { ...behaviour.init?.headers, cookie: behaviour.cookie?.(visit) }
  const bodies = [truthOf(behaviour, way.name, visit, headers)]
  if (behaviour.alsoTrue && visit === 'first') bodies.push(behaviour.alsoTrue(bodies[0]!.length))
  const length = ours.prefix?.size ?? 0
  return {
    truths: bodies.map((body) => ({ whole: digest(body), part: partOf(body, way.range) })),
    prefixes: bodies.map((body) => digest(body.subarray(0, length))),
  }
}

function partOf(body: Buffer, range: string | undefined): string | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined || last === undefined) return undefined
  if (first === '') return digest(body.subarray(-Number(last)))
  const end = last === '' ? body.length : Number(last) + 1
  return digest(body.subarray(Number(first), end))
}

function tell({ status, failure, size, sha256, headers }: Outcome): string {
  if (failure !== undefined) return failure.slice(0, 80)
  const told = headers['x-modelferry'] === undefined ? '' : ` ${headers['x-modelferry']}`
  return `${status} ${size} B ${sha256.slice(0, 6)}${told}`
}
