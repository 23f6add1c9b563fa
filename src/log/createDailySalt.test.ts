import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createDailySalt } from './log.ts'

const dayMs = 24 * 60 * 60 * 1000

function at(start: number): {
  clock: { now: () => number; sleep: () => Promise<void> }
  pass: (ms: number) => void
} {
  let now = start
  return {
    clock: { now: () => now, sleep: () => Promise.resolve() },
    pass: (ms) => {
      now += ms
    },
  }
}

test('a hash is the start of the SHA-256 of salt and network', () => {
  const { clock } = at(0)
  const salt = new Uint8Array(32).fill(9)
  const today = createDailySalt({ clock, random: () => salt })
  const expected = createHash('sha256').update(salt).update('ip:203.0.113.7').digest('hex')
  expect(today.hash('ip:203.0.113.7')).toBe(expected.slice(0, 16))
})

test('the salt lasts for a UTC day', () => {
  const { clock, pass } = at(Date.UTC(2026, 10, 22))
  const asked: number[] = []
  const random = (length: number): Uint8Array => new Uint8Array(length).fill(asked.push(length))
  const salt = createDailySalt({ clock, random })
  const first = salt.hash('ip:unknown')
  pass(dayMs - 1)
  expect([salt.day, salt.hash('ip:unknown')]).toEqual(['2026-11-22', first])
  expect(asked).toEqual([32])
  pass(1)
  expect(salt.day).toBe('2026-11-23')
  expect(salt.hash('ip:unknown')).not.toBe(first)
  expect(asked).toEqual([32, 32])
})

test('two salts are different', () => {
  const { clock } = at(0)
  expect(createDailySalt({ clock }).hash('ip:unknown')).not.toBe(
    createDailySalt({ clock }).hash('ip:unknown'),
  )
})
