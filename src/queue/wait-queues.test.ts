import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reservation } from './failover-store.ts'
import { type KeyQueue, promoteReady, WaitQueues } from './wait-queues.ts'
import { tiers } from './testing/tiers.ts'
import { Waiter } from './waiter.ts'

let arrivals = 0
const limits = tiers.nectar

function waiterOf(more: { priority?: number; cost?: number; group?: string } = {}): Waiter {
  return new Waiter({ key: 'a', limits, ...more }, undefined, arrivals++, 0)
}

const reservation = (start: number, cost = 1): Reservation => ({
  granted: true,
  id: `${start}/${cost}`,
  home: null,
  start,
  cost,
  tat: undefined,
})

/** The tickets that become ready until `now`, in the order in which they get slots. */
function takeReady(queues: WaitQueues, queue: KeyQueue, now: number): Waiter[] {
  promoteReady(queue, now)
  const taken: Waiter[] = []
  for (let next = queues.takeReady(queue); next; next = queues.takeReady(queue)) taken.push(next)
  return taken
}

describe('a pending ticket', () => {
  test('becomes ready when a start of its cost has come, the first in rank first', () => {
    const queues = new WaitQueues()
    const queue = queues.open('a')
    const [first, urgent, costly] = [waiterOf(), waiterOf({ priority: 1 }), waiterOf({ cost: 2 })]
    queues.addPending(first, queue, reservation(20))
    queues.addPending(urgent, queue, reservation(30))
    queues.addPending(costly, queue, reservation(10, 2))
    expect(takeReady(queues, queue, 9)).toEqual([])
    expect(takeReady(queues, queue, 10)).toEqual([costly])
    expect(takeReady(queues, queue, 20)).toEqual([urgent])
    expect(urgent.reservation?.start).toBe(20)
    expect(takeReady(queues, queue, 29)).toEqual([])
    expect(takeReady(queues, queue, 30)).toEqual([first])
    expect(queue.isIdle).toBe(true)
  })

  test('that leaves gives up the last start of its cost, so that the others move up', () => {
    const queues = new WaitQueues()
    const queue = queues.open('a')
    const [first, second, third] = [waiterOf(), waiterOf(), waiterOf()]
    queues.addPending(first, queue, reservation(10))
    queues.addPending(second, queue, reservation(20))
    queues.addPending(third, queue, reservation(30))
    expect(queues.leave(first, queue)?.start).toBe(30)
    expect(takeReady(queues, queue, 20)).toEqual([second, third])
    expect(queues.waiting).toBe(0)
  })
})

test('any tickets are all served once, each with a start of its own cost, by priority and arrival', () => {
  const ticket = fc.record({
    priority: fc.integer({ min: -2, max: 2 }),
    cost: fc.integer({ min: 0, max: 2 }),
    start: fc.nat(50),
  })
  fc.assert(
    fc.property(fc.array(ticket, { maxLength: 20 }), (tickets) => {
      const queues = new WaitQueues()
      const queue = queues.open('a')
      for (const { start, ...more } of tickets)
        queues.addPending(waiterOf(more), queue, reservation(start, more.cost))
      expect(queues.waiting).toBe(tickets.length)
      const served: Waiter[] = []
      for (let now = 0; now <= 50; now++) {
        const due = takeReady(queues, queue, now)
        const ranks = due.map(({ priority, arrival }) => [-priority, arrival])
        expect(ranks).toEqual(ranks.toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!))
        for (const { reservation: used } of due) expect(used?.start).toBe(now)
        served.push(...due)
      }
      expect(new Set(served).size).toBe(tickets.length)
      for (const { reservation: used, cost } of served) expect(used?.cost).toBe(cost)
      expect(queues.waiting).toBe(0)
    }),
  )
})

describe('a group', () => {
  test('counts its other tickets until each has left', () => {
    const queues = new WaitQueues()
    const [one, other, alone] = [waiterOf({ group: 'g' }), waiterOf({ group: 'g' }), waiterOf()]
    queues.countGroup(one)
    expect(queues.isGroupFull(one, 1)).toBe(false)
    expect(queues.isGroupFull(other, 1)).toBe(true)
    expect(queues.isGroupFull(other, 2)).toBe(false)
    expect(queues.isGroupFull(alone, 0)).toBe(false)
    one.leaveGroup?.()
    expect(queues.isGroupFull(other, 1)).toBe(false)
  })
})

describe('a key', () => {
  test('is forgotten when it is idle, and only then', () => {
    const queues = new WaitQueues()
    const queue = queues.open('a')
    const waiter = waiterOf()
    queues.addReady(waiter, queue)
    queues.closeIdle(queue)
    expect(queues.get('a')).toBe(queue)
    queues.leave(waiter, queue)
    queues.closeIdle(queue)
    expect(queues.size).toBe(0)
    // A later queue of the same key stays when the earlier one is closed again.
    const later = queues.open('a')
    queues.closeIdle(queue)
    expect(queues.get('a')).toBe(later)
  })
})
