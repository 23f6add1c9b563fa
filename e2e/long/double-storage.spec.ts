import { expect } from '@playwright/test'
import type { KeptCopy } from 'modelferry'
import { clientRepos } from '../clients/stage/clientRepos.ts'
import type { ClientStage } from '../clients/stage/ClientStage.ts'
import { expectSpeech } from '../clients/stage/expectSpeech.ts'
import { hubOrigin } from '../clients/stage/hubOrigin.ts'
import { realms } from '../clients/stage/realms.ts'
import { test } from '../clients/stage/test.ts'
import type { PageOptions } from '../stage/PageOptions.ts'
import { connectPage } from '../stage/connectPage.ts'
import type { StageWindow } from '../stage/StageWindow.ts'

const { voice, alphabet } = clientRepos
const onnx = 'onnx/model.onnx'
const gguf = 'alphabet-Q8_0.gguf'

function urlOf(repo: string, path: string): string {
  return `${hubOrigin}/${repo}/resolve/main/${path}`
}

/** Copies that `usage()` reports, largest first. */
async function reportedCopies(stage: ClientStage): Promise<KeptCopy[]> {
  const all = await stage.page.evaluate(async () => {
    const { ferry } = window as unknown as StageWindow
    const { copies } = await ferry.usage()
    return [...copies]
  })
  return all.toSorted((a, b) => b.size - a.size)
}

async function remove(stage: ClientStage): Promise<readonly KeptCopy[]> {
  return await stage.page.evaluate(async () => {
    const { ferry } = window as unknown as StageWindow
    const removed = await ferry.removeCopies()
    return removed
  })
}

/** Paths of the entries of a cache; undefined: there is no such cache. */
async function keptIn(stage: ClientStage, place: string): Promise<string[] | undefined> {
  return await stage.page.evaluate(async (name) => {
    if (!(await caches.has(name))) return undefined
    return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
  }, place)
}

/** Loads the app again offline, with everything that is stored. */
async function comeBackOffline(stage: ClientStage): Promise<void> {
  stage.closeHosts()
  await stage.site.close()
  await stage.page.context().setOffline(true)
  await stage.connect()
}

test('the copy of transformers.js is reported and removed, and the app works without it', async ({
  stage,
}) => {
  const place = 'transformers-cache'
  const url = urlOf(voice, onnx)
  const { size } = stage.file(voice, onnx)
  const load = {
    title: 'transformers.js, copies removed',
    client: 'transformers model',
    realm: 'page',
    task: { repo: voice },
  } as const
  await stage.connect()
  expectSpeech(await stage.run(load, 'cold'))
  // An entry of another owner for the same URL.
  await stage.page.evaluate(async (address) => {
    const cache = await caches.open('webllm/model')
    await cache.put(address, new Response('another'))
  }, url)

  const small = { url: urlOf(voice, 'config.json'), place, removable: false }
  expect(await reportedCopies(stage)).toMatchObject([
    { url, place, size, removable: true },
    small,
    { url, place: 'webllm/model', size: 7, removable: false },
  ])
  expect(await remove(stage)).toEqual([{ url, place, size, removable: true }])
  expect(await reportedCopies(stage)).toMatchObject([small, { url, place: 'webllm/model' }])
  const kept = (await keptIn(stage, place))!
  expect(kept).not.toContain(new URL(url).pathname)
  expect(kept.filter((path) => path.startsWith('/ort/'))).not.toEqual([])

  await comeBackOffline(stage)
  expectSpeech(await stage.run(load, 'offline'))
})

for (const realm of realms) {
  test(`transformers.js with its cache disabled stores neither models nor its runtime, in a ${realm}`, async ({
    stage,
  }) => {
    await stage.connect()
    const heard = await stage.run(
      {
        title: 'transformers.js, no cache of its own',
        client: 'transformers model',
        realm,
        task: { repo: voice, ownRuntime: true, advice: 'keep nothing' },
      },
      'cold',
    )
    expectSpeech(heard)
    expect(stage.fromCdn.some((path) => path.endsWith('.wasm'))).toBe(true)
    expect(await keptIn(stage, 'transformers-cache')).toBeUndefined()
    expect(await reportedCopies(stage)).toEqual([])
  })
}

test('transformers.js uses modelferry as its cache', async ({ stage }) => {
  const load = {
    title: 'transformers.js, modelferry as its cache',
    client: 'transformers model',
    realm: 'page',
    task: { repo: voice, advice: 'look in modelferry', progress: true },
  } as const
  const { size } = stage.file(voice, onnx)
  await stage.connect()
  for (const visit of ['cold', 'warm', 'offline'] as const) {
    if (visit === 'warm') await stage.reload()
    if (visit === 'offline') await comeBackOffline(stage)
    const heard = await stage.run(load, visit)
    expectSpeech(heard)
    expect(heard.total).toBe(size)
    if (visit === 'warm') expect(stage.traffic.all).toEqual([])
    expect(await keptIn(stage, 'transformers-cache')).toBeUndefined()
  }
})

test('transformers.js fetches through modelferry without a service worker', async ({ stage }) => {
  const load = {
    title: 'transformers.js, no service worker',
    client: 'transformers model',
    realm: 'page',
    task: { repo: voice, advice: 'fetch by modelferry' },
  } as const
  for (const visit of ['cold', 'warm'] as const) {
    await stage.openWithout()
    expect(await stage.page.evaluate(connectPage, { serviceWorker: false } as PageOptions)).toBe(
      false,
    )
    stage.traffic.clear()
    expectSpeech(await stage.run(load, visit))
    expect(stage.traffic.all.length > 0).toBe(visit === 'cold')
    expect(await keptIn(stage, 'transformers-cache')).toBeUndefined()
  }
})

test('an open copy can be read to its end after removal, and the next request fetches again', async ({
  stage,
}) => {
  const load = {
    title: 'Cache.add and match, copies removed',
    client: 'cache',
    realm: 'page',
    task: { repo: voice, path: onnx },
  } as const
  const { size, sha256 } = stage.file(voice, onnx)
  await stage.connect()
  expect(await stage.run(load, 'cold')).toEqual({ size, sha256 })
  const read = await stage.page.evaluate(
    async (url) => {
      const answer = await (await caches.open('webllm/model')).match(url)
      const removed = await (window as unknown as StageWindow).ferry.removeCopies()
      return { removed: removed.length, size: (await answer!.arrayBuffer()).byteLength }
    },
    urlOf(voice, onnx),
  )
  expect(read).toEqual({ removed: 1, size })
  expect(await keptIn(stage, 'webllm/model')).toEqual([])

  await comeBackOffline(stage)
  expect(await stage.run(load, 'offline')).toEqual({ size, sha256 })
})

test('files stored by wllama are reported and kept; it does not store a blob', async ({
  stage,
}) => {
  const { size } = stage.file(alphabet, gguf)
  const load = { title: 'wllama, a blob', client: 'wllama', realm: 'page' } as const
  const text = 'defghijklmnopqrstuvwxyz'
  const task = { repo: alphabet, path: gguf }
  await stage.connect()
  const unkept = { ...load, task: { ...task, advice: 'keep nothing' } } as const
  expect(await stage.run(unkept, 'cold')).toEqual({ text, total: 0 })
  expect(await reportedCopies(stage)).toEqual([])

  expect(await stage.run({ ...load, title: 'wllama, a copy', task }, 'warm')).toEqual({
    text,
    total: 0,
  })
  const copy = { url: urlOf(alphabet, gguf), place: 'wllama', size, removable: false }
  expect(await reportedCopies(stage)).toEqual([copy])
  expect(await remove(stage)).toEqual([])
  expect(await reportedCopies(stage)).toEqual([copy])
})
