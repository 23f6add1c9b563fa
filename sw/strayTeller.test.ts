import { expect, test } from 'vitest'
import type { Channel } from '../src/protocol/channel.ts'
import type { FerryEvent } from '../src/protocol/files.ts'
import { strayTeller } from './stray-workers.ts'
import type { Seen } from './stray-workers.ts'

const scope = 'https://app.example/'
const worker = (id: string, url: string): Seen => ({ id, type: 'worker', url })

test('a stray is told once, whoever connects; one that ended meanwhile is none', async () => {
  const all = [
    worker('1', `${scope}w.js?token=secret`),
    worker('2', 'blob:x'),
    worker('3', 'blob:y'),
  ]
  const told: FerryEvent[] = []
  const clients = {
    matchAll: async ({ includeUncontrolled = false }) => (includeUncontrolled ? all : []),
    get: async (id: string) => (id === '3' ? undefined : all.find((one) => one.id === id)),
  }
  const host = { clients, registration: { scope } } as unknown as ServiceWorkerGlobalScope
  const look = strayTeller(host, {
    emit: (event: FerryEvent) => told.push(event),
  } as unknown as Channel)
  await look()
  await look()
  expect(told).toEqual([
    { name: 'fault', detail: expect.objectContaining({ code: 'worker', retryable: false }) },
  ])
  expect(told[0]?.detail).toHaveProperty('message', expect.stringContaining('(/w.js, blob:)'))
  all.push(worker('4', 'blob:z'))
  await look()
  expect(told).toHaveLength(2)
})
