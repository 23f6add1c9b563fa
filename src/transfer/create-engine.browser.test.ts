import { expect, onTestFinished, test, vi } from 'vitest'
import type { Backoff } from '../net/backoff.ts'
import { defaultRetry } from '../net/attempt.ts'
import { Channel } from '../protocol/channel.ts'
import { keptPauses, openBackoff } from './create-engine.ts'

const storage = 'https://storage.example'
const busy = { status: 429, headers: { 'retry-after': '1' } }

/** Realms of one origin, with a channel and a database that only this test uses. */
function device(): { realm: () => Backoff } {
  const name = `backoff-${Math.random()}`
  onTestFinished(() => void indexedDB.deleteDatabase(name))
  return {
    realm: () => {
      const channel = new Channel(name)
      onTestFinished(() => channel.close())
      return openBackoff(channel, defaultRetry, keptPauses(name))
    },
  }
}

test('all realms respect a pause that one of them received, for all files, and resume afterwards', async () => {
  const { realm } = device()
  const [one, other] = [realm(), realm()]
  const started = performance.now()
  await one.through(`${storage}/a`, {}, async () => new Response('', busy))
  await vi.waitFor(() => expect(other.left(`${storage}/b`)).toBeGreaterThan(0))
  const came: number[] = []
  const ask = (backoff: Backoff, file: string): Promise<Response> =>
    backoff.through(`${storage}/${file}`, {}, async () => {
      came.push(performance.now() - started)
      return new Response('fine')
    })
  await Promise.all([ask(one, 'a'), ask(one, 'b'), ask(other, 'c'), ask(other, 'd')])
  expect(came).toHaveLength(4)
  expect(Math.min(...came)).toBeGreaterThanOrEqual(990)
})

test('a realm that starts later respects it too', async () => {
  const { realm } = device()
  await realm().through(`${storage}/a`, {}, async () => new Response('', busy))
  const { signal } = new AbortController()
  await vi.waitFor(async () => {
    const later = realm()
    const impatient = { answerBy: 0, signal }
    const answer = await later.through(`${storage}/b`, impatient, async () => new Response('fine'))
    expect(answer.status).toBe(429)
  })
})
