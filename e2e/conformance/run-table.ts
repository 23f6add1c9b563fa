import { visits, type Behaviour, type Visit } from './behaviour.ts'
import { fillHub } from './fill-hub.ts'
import { judge } from './judge.ts'
import { digest } from './made-bytes.ts'
import { runRequests, type Ask, type Outcome } from './page-requests.ts'
import { filesPath, idOf, pathOf, startWorld, truthOf, type World } from './world.ts'
import type { ConnectOptions } from 'modelferry'
import type { StagePage } from '../stage/StagePage.ts'
import type { StageWindow } from '../stage/StageWindow.ts'
import type { Cell, Pair } from './cells.ts'

/** A page of a browser with empty storage that can be taken offline. */
export interface Seat {
  readonly page: Pick<StagePage, 'goto' | 'evaluate'>
  setOffline(offline: boolean): Promise<void>
  close(): Promise<void>
}

/** The outcome in a page, and the bytes of bodies that its server sent for it; unknown for hubs. */
interface Spent extends Outcome {
  readonly bytes: number | undefined
}

/** What modelferry may fetch, as a multiple of the file's size. */
const mostTimesSize = 1.02

/** Allowed delay of our response after the plain one, milliseconds. */
const boundMs = 2500
/** A request that takes longer is aborted, milliseconds. */
const limitMs = 8000
/** Requests sent to a page in one batch. */
const batch = 120

/** The pages of a browser that run a table. */
export interface TableRun {
  /** Name for the report. */
  readonly browser: string
  /** Opens a page with empty storage. */
  readonly openSeat: () => Promise<Seat>
  /** Concurrent requests of a page. */
  readonly lanes: number
  /** Gets one line of progress at a time. */
  readonly tell: (line: string) => void
}

/**
 * How often a cell that is only late is repeated alone: a busy machine is late at times, a fault of modelferry
 * always.
 */
const repeats = 2

/**
 * Tests pairs of server and request, first in a page without modelferry, then in a page with it. Late cells are
 * repeated, one request at a time, and fail when they are late each time.
 *
 * @returns each visit of each pair, with its verdict
 */
export async function runTable(pairs: readonly Pair[], run: TableRun): Promise<Cell[]> {
  let cells = await runOnce(pairs, run)
  for (let repeat = 1; repeat <= repeats; repeat += 1) {
    const late = new Set(cells.filter(isLate).map((cell) => keyOf(cell)))
    if (late.size === 0) break
    const again = pairs.filter((pair) => visits.some((visit) => late.has(keyOf(of(pair, visit)))))
    run.tell(`  ${run.browser}: ${late.size} late, ${again.length} repeated alone`)
    const repeated = await runOnce(again, { ...run, lanes: 1 })
    const newer = new Map(repeated.map((cell) => [keyOf(cell), cell]))
    cells = cells.map((cell) => (late.has(keyOf(cell)) ? (newer.get(keyOf(cell)) ?? cell) : cell))
  }
  return cells
}

/** Whether only the time is wrong. */
function isLate({ red }: Cell): boolean {
  return red !== undefined && /^(?:late\b|never ends)/.test(red)
}

/** Runs all pairs; those whose page has a policy in a page of their own. */
async function runOnce(pairs: readonly Pair[], run: TableRun): Promise<Cell[]> {
  const groups = [false, true].map((policy) =>
    pairs.filter(({ behaviour }) => (behaviour.policy ?? false) === policy),
  )
  const cells: Cell[] = []
  for (const group of groups) if (group.length > 0) cells.push(...(await runGroup(group, run)))
  return cells
}

async function runGroup(pairs: readonly Pair[], run: TableRun): Promise<Cell[]> {
  const { browser, openSeat, lanes, tell } = run
  const behaviours = [...new Set(pairs.map(({ behaviour }) => behaviour))]
  const hub = await fillHub(pairs)
  const sides = { plain: new Map<string, Spent>(), ours: new Map<string, Spent>() }
  try {
    for (const side of ['plain', 'ours'] as const) {
      const world = await startWorld(behaviours, hub)
      const seat = await openSeat()
      try {
        await seat.page.goto(world.url)
        const options = { hubs: world.hubs, files: [`http://127.0.0.1:*${filesPath}/*`] }
        if (side === 'ours') await seat.page.evaluate(connect, options)
        for (const visit of visits) {
          const start = Date.now()
          await runVisit(world, seat, { pairs, visit, lanes }, sides[side])
          tell(`  ${browser}, ${side}, ${visit}: ${pairs.length} in ${Date.now() - start} ms`)
        }
      } finally {
        await seat.close()
        await world.close()
      }
    }
  } finally {
    await hub?.close()
  }
  return pairs.flatMap((pair) =>
    visits.map((visit, at) => {
      const plainAt = (index: number): Spent => sides.plain.get(keyOf(of(pair, visits[index]!)))!
      const before = at === 0 ? undefined : plainAt(at - 1)
      const fresh = pair.behaviour.fresh ? plainAt(0) : undefined
      const oursAt = (index: number): Spent => sides.ours.get(keyOf(of(pair, visits[index]!)))!
      const previous = visit === 'offline' ? oursAt(at - 1) : undefined
      const held = previous?.headers['x-modelferry'] === 'hit' && previous.status < 300
      const observed = { plain: plainAt(at), ours: oursAt(at), before, fresh }
      return cellOf(pair, visit, browser, observed, held && pair.way.cache === undefined)
    }),
  )
}

async function runVisit(
  world: World,
  seat: Seat,
  { pairs, visit, lanes }: { pairs: readonly Pair[]; visit: Visit; lanes: number },
  outcomes: Map<string, Spent>,
): Promise<void> {
  world.visit = visit
  if (visit === 'offline') {
    world.cut()
    await seat.setOffline(true)
  } else {
    const cookies = new Set(pairs.map(({ behaviour }) => behaviour.cookie?.(visit)))
    for (const cookie of cookies)
      if (cookie !== undefined)
        await seat.page.evaluate((text: string) => fetch(`/cookie?${text}`).then(() => 0), cookie)
  }
  for (let at = 0; at < pairs.length; at += batch) {
    const some = pairs.slice(at, at + batch)
    const asks = some.map((pair) => askOf(world, pair, visit))
    const got = await seat.page.evaluate(runRequests, { asks, lanes })
    for (const [index, outcome] of got.entries())
      outcomes.set(keyOf(of(some[index]!, visit)), { ...outcome, bytes: undefined })
  }
  for (const pair of pairs) {
    const key = keyOf(of(pair, visit))
    const bytes =
      pair.behaviour.place === 'hub'
        ? undefined
        : (world.cost.get(pathOf(pair.behaviour, pair.way.name)) ?? 0)
    outcomes.set(key, { ...outcomes.get(key)!, bytes })
  }
  world.cost.clear()
}

async function connect(options: ConnectOptions): Promise<void> {
  const page = window as unknown as StageWindow
  page.ferry = await page.modelferry.connect(options)
}

type Place = Pick<Cell, 'behaviour' | 'request' | 'visit'>

function of({ behaviour, way }: Pair, visit: Visit): Place {
  return { behaviour: idOf(behaviour), request: way.name, visit }
}

function keyOf({ behaviour, request, visit }: Place): string {
  return `${behaviour} ${request} ${visit}`
}

function askOf(world: World, { behaviour, way }: Pair, visit: Visit): Ask {
  const { name, ...rest } = way
  const url = world.address(behaviour, name) + (behaviour.query?.(visit) ?? '')
  const init = initOf(behaviour, visit)
  return { ...rest, url, limitMs, ...(init && { init }) }
}

function initOf({ init }: Behaviour, visit: Visit): Exclude<Behaviour['init'], Function> {
  return typeof init === 'function' ? init(visit) : init
}

function cellOf(
  pair: Pair,
  visit: Visit,
  browser: string,
  {
    plain,
    ours,
    before,
    fresh,
  }: Record<'plain' | 'ours', Spent> & Record<'before' | 'fresh', Spent | undefined>,
  kept: boolean,
): Cell {
  const { behaviour, way, kind } = pair
  const headers = { ...initOf(behaviour, visit)?.headers, cookie: behaviour.cookie?.(visit) }
  const bodies = [truthOf(behaviour, way.name, visit, headers)]
  if (behaviour.alsoTrue && visit === 'first') bodies.push(behaviour.alsoTrue(bodies[0]!))
  const asksAgain = visit !== 'offline' && way.cache !== undefined
  if (behaviour.fresh && !asksAgain) bodies.push(truthOf(behaviour, way.name, 'first', headers))
  const length = ours.prefix?.size ?? 0
  const red = judge({
    plain,
    ours,
    ...(before && { before }),
    fresh: asksAgain ? undefined : fresh,
    kept,
    method: way.method ?? 'GET',
    range: way.range,
    asked: pathOf(behaviour, way.name),
    truths: bodies.map((body) => {
      const part = partOf(body, way.range)
      return { size: body.length, whole: digest(body), part: part && digest(part) }
    }),
    prefixes: bodies.map((body) => {
      const part = ours.headers['content-range'] === undefined ? body : partOf(body, way.range)
      return digest((part ?? body).subarray(0, length))
    }),
    // A hub and its storage use different hashes as ETag of the same file.
    etag: behaviour.place !== 'hub' && !behaviour.unstableEtag,
    boundMs: behaviour.boundMs ?? boundMs,
    ...(plain.bytes !== undefined &&
      ours.bytes !== undefined && {
        sent: {
          plain: plain.bytes,
          ours: ours.bytes,
          visit,
          place: behaviour.place,
          by: way.by,
          mostTimesSize: behaviour.mostTimesSize ?? mostTimesSize,
          badRanges: behaviour.badRanges ?? false,
          packs: behaviour.packs ?? false,
          cuts: behaviour.cuts ?? false,
          final: behaviour.final ?? false,
        },
      }),
  })
  return {
    browser,
    kind,
    behaviour: idOf(behaviour),
    request: way.name,
    visit,
    ...(red !== undefined && { red }),
    plain: describe(plain),
    ours: describe(ours),
    plainMs: plain.ms,
    oursMs: ours.ms,
    ...(behaviour.place === 'hub' && gaveUp(plain, ours)),
    size: bodies[0]!.length,
    ...(plain.bytes !== undefined &&
      ours.bytes !== undefined && { plainBytes: plain.bytes, oursBytes: ours.bytes }),
  }
}

/** @returns undefined where no range was requested, or none within the file */
function partOf(body: Buffer, range: string | undefined): Buffer | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? []
  if (first === undefined || last === undefined) return undefined
  if (first === '') return body.subarray(-Number(last))
  if (Number(first) >= body.length) return undefined
  return body.subarray(Number(first), last === '' ? body.length : Number(last) + 1)
}

function describe({ status, failure, size, sha256, headers }: Outcome): string {
  if (failure !== undefined) return failure.slice(0, 80)
  const label = headers['x-modelferry'] === undefined ? '' : ` ${headers['x-modelferry']}`
  return `${status} ${size} B ${sha256.slice(0, 6)}${label}`
}

/** Delay of the headers after a fallback from Xet to the page's own request. */
function gaveUp(plain: Spent, ours: Spent): Pick<Cell, 'gaveUpMs'> {
  const own = ours.status > 0 && ours.headers['x-modelferry'] === undefined
  if (!own || plain.headersMs === undefined || ours.headersMs === undefined) return {}
  return { gaveUpMs: Math.round(ours.headersMs - plain.headersMs) }
}
