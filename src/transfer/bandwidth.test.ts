import { describe, expect, test } from 'vitest'
import { Steering, TransferMeter } from './bandwidth.ts'

describe('the rate of a download', () => {
  let now = 0
  const rate = (...samples: readonly (readonly [bytes: number, ms: number])[]): number => {
    const meter = new TransferMeter(() => now)
    for (const [bytes, ms] of samples) {
      now += ms
      meter.arrived(bytes)
    }
    return meter.bytesPerSecond
  }

  test('is 0 before the first sample, and steady from then on', () => {
    expect(rate()).toBe(0)
    expect(rate([1_000_000, 500])).toBe(2_000_000)
    expect(rate([1_000_000, 500], [1_000_000, 500])).toBe(2_000_000)
  })

  test('follows a drop at once, and a burst only when it lasts', () => {
    const before = [60_000_000, 60_000] as const
    expect(rate(before, [300_000, 3000])).toBeLessThan(600_000)
    expect(rate(before, [30_000_000, 3000])).toBeLessThan(3_000_000)
    expect(rate(before, [600_000_000, 60_000])).toBeGreaterThan(9_000_000)
  })
})

describe('which connections end early', () => {
  /** A line with a rate for all connections together, or for each, and the state of its connections. */
  class Line {
    readonly steering = new Steering()
    readonly #rate: (open: number) => number
    readonly ended: number[] = []
    urgent = 0
    other = 0
    queued = 0
    now = 0
    #received = 0

    constructor(rate: (open: number) => number) {
      this.#rate = rate
    }

    /** Lets time pass in looks of a quarter of a second. */
    pass(seconds: number): this {
      for (let look = 0; look < seconds * 4; look++) {
        this.now += 250
        this.#received += this.#rate(this.urgent + this.other) / 4
        const { urgent, other, queued } = this
        const view = { now: this.now, received: this.#received, urgent, other, queued }
        const ends = this.steering.next(view)
        if (ends > 0) this.ended.push(ends)
        this.other -= ends
        const started = Math.min(ends, this.queued)
        this.urgent += started
        this.queued -= started
      }
      return this
    }
  }

  test('those that no reader waits for, as many as urgent tasks need, after a second look', () => {
    const line = new Line((open) => open * 1e6)
    line.other = 6
    line.queued = 2
    expect(line.pass(0.25).ended).toEqual([])
    expect(line.pass(0.75).ended).toEqual([2])
    expect(line.steering.onlyUrgent).toBe(false)
  })

  test('none while no reader waits', () => {
    const line = new Line(() => 1e6)
    line.other = 6
    expect(line.pass(30).ended).toEqual([])
  })

  test('all others on a slow line that all connections share, until the readers have what they wait for', () => {
    const line = new Line(() => 2e6)
    line.urgent = 1
    line.other = 5
    expect(line.pass(10).ended).toEqual([5])
    expect(line.steering.onlyUrgent).toBe(true)
    line.other = 2
    expect(line.pass(1).ended).toEqual([5, 2])
  })

  test('for two seconds at most, once a minute, on a line on which each connection has its own rate', () => {
    const line = new Line((open) => open * 1e6)
    line.urgent = 1
    line.other = 5
    line.pass(3.5)
    expect(line.steering.onlyUrgent).toBe(false)
    line.other = 5
    expect(line.pass(50).ended).toEqual([5])
  })

  test('no longer while the clock of the device is set back by a day', () => {
    const line = new Line((open) => open * 1e6)
    line.urgent = 1
    line.other = 5
    expect(line.pass(1.5).steering.onlyUrgent).toBe(true)
    line.now -= 86_400_000
    expect(line.pass(2).steering.onlyUrgent).toBe(false)
  })

  test('none on a fast line', () => {
    const line = new Line(() => 20e6)
    line.urgent = 1
    line.other = 5
    expect(line.pass(30).ended).toEqual([])
  })
})
