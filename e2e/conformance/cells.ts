import type { Behaviour, Visit } from './behaviour.ts'
import { behaviours as table } from './behaviours/index.ts'
import type { WayToAsk } from './requests.ts'
import { fewWays, waysToAsk } from './requests.ts'
import { idOf } from './world.ts'

/** A server and a request, tested at each visit. */
export interface Pair {
  readonly kind: string
  readonly behaviour: Behaviour
  readonly way: WayToAsk
}

/** One visit of a pair, with its verdict. */
export interface Cell {
  readonly browser: string
  readonly kind: string
  /** Name and place of the server. */
  readonly behaviour: string
  readonly request: string
  readonly visit: Visit
  /** What is wrong with our response; undefined: nothing. */
  readonly red?: string
  readonly plain: string
  readonly ours: string
  readonly plainMs: number
  readonly oursMs: number
  /** Delay of the headers after a fallback to the page's own request, milliseconds. */
  readonly gaveUpMs?: number
  /** Bytes of the file. */
  readonly size: number
  /** Bytes of bodies sent by a plain server for this cell. */
  readonly plainBytes?: number
  readonly oursBytes?: number
}

/** `npm test` runs a twelfth of the table, another one each day, so twelve days cover all of it. */
export const parts = 12

/**
 * The pairs to run.
 *
 * @param seed chooses the part; undefined: all
 * @param only matches the names of behaviour and request
 */
export function choosePairs(seed: number | undefined, only: RegExp): Pair[] {
  // Consecutive pairs use different servers, so that a slow one delays the others least.
  const all = waysToAsk.flatMap((way) =>
    Object.entries(table).flatMap(([kind, behaviours]) =>
      behaviours
        .filter(({ requests = fewWays }) => requests === 'all' || requests.includes(way.name))
        .map((behaviour) => ({ kind, behaviour, way })),
    ),
  )
  return all
    .filter((_, at) => seed === undefined || (at + seed) % parts === 0)
    .filter(({ behaviour, way }) => only.test(`${idOf(behaviour)} ${way.name}`))
}
