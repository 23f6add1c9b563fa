import { expect, test, describe } from 'vitest'
import { type ClientView, uncontrolledWorkers, uncontrolledReporter } from './stray-workers.ts'
import type { Channel } from '../src/protocol/channel.ts'
import type { FerryEvent } from '../src/protocol/files.ts'

const worker = (id: string, url: string): ClientView => ({ id, type: 'worker', url })

describe('uncontrolled workers', () => {
  const scope = 'https://app.example/demo/'
  const page: ClientView = { id: 'page', type: 'window', url: scope }
  const blob: ClientView = { id: 'blob', type: 'worker', url: 'blob:https://app.example/1' }
  const file: ClientView = { id: 'file', type: 'worker', url: `${scope}worker.js` }

  const elsewhere: ClientView = { ...file, url: 'https://app.example/lib/worker.js' }
  const shared: ClientView = { ...blob, type: 'sharedworker' }
  const itself: ClientView = {
    id: 'sw',
    type: 'serviceworker' as ClientTypes,
    url: `${scope}sw.js`,
  }
  const stranger: ClientView = { ...page, id: 'stranger' }

  test.each<[string, ClientView[], ClientView[], ClientView[]]>([
    ['all clients are controlled', [page, blob, file], [page, blob, file], []],
    ['a blob worker started early', [page, blob, file], [page, file], [blob]],
    ['a file worker started early too', [page, blob, file], [page], [blob, file]],
    ['a worker of another scope', [page, elsewhere], [page], []],
    ['clients that are not workers of a page', [page, shared, itself], [page], []],
    ['the worker may belong to an uncontrolled page', [page, stranger, blob], [page], []],
  ])('%s', (_, all, ours, strays) => {
    expect(uncontrolledWorkers(all, ours, scope)).toEqual(strays)
  })
})

describe('reports', () => {
  const scope = 'https://app.example/'

  test('an uncontrolled worker is reported once, for all connecting pages; an ended one is not reported', async () => {
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
    const look = uncontrolledReporter(host, {
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
})
