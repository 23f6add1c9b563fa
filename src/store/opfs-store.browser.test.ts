import { describe, expect, test } from 'vitest'
import { createHasher } from '../codec/hasher.ts'
import { openStore } from './opfs-store.ts'
import { runScenario } from './testing/runScenario.ts'
import { storeScenarios } from './testing/storeScenarios.ts'

async function inWorker(name: string, driver: 'sync' | 'pieces'): Promise<string> {
  const worker = new Worker(new URL('./testing/scenario.worker.ts', import.meta.url), {
    type: 'module',
  })
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data as string))
      worker.addEventListener('error', ({ message }) => reject(new Error(message)))
      worker.postMessage({ name, driver })
    })
  } finally {
    worker.terminate()
  }
}

describe('a store in a dedicated worker, by sync access handles', () => {
  test.for(Object.keys(storeScenarios))('%s', async (name) => {
    expect(await inWorker(name, 'sync')).toBe('')
  })
})

describe('a store in a window, by piece files', () => {
  test.for(Object.keys(storeScenarios))('%s', async (name) => {
    await expect(
      runScenario(name, { hasher: await createHasher(), driver: 'pieces' }),
    ).resolves.toBe(undefined)
  })
})

test('a window has no sync access handles, and gets an error', async () => {
  const hasher = await createHasher()
  await expect(openStore({ hasher, driver: 'sync' })).rejects.toMatchObject({ code: 'unsupported' })
  expect((await openStore({ hasher, root: 'test-default' })).driver).toBe('pieces')
})
