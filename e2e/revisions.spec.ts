import { expect } from '@playwright/test'
import { uploadFiles } from '@huggingface/hub'
import { ageUrls } from './clients/stage/ageUrls.ts'
import { makeBytes } from './stage/makeBytes.ts'
import type { Stage } from './stage/Stage.ts'
import { stageToken } from './stage/stageToken.ts'
import type { StageWindow } from './stage/StageWindow.ts'
import { test } from './stage/test.ts'

const notes = ['a.json', 'b.json', 'c.json'] as const
const mebi = 2 ** 20
const pageOptions = { shell: ['/', '/*.js'], retry: { attempts: 1 } }

interface UpdateWindow extends StageWindow {
  /** The update that is being applied. */
  applied: Promise<void>
  /** Whether the model is being downloaded. */
  running: boolean
  cancel: AbortController
}

let count = 0

/** A repository for one test, to which it can push revisions. */
class Repo {
  readonly #stage: Stage
  readonly #name = `stage/revised-${(count += 1)}`

  constructor(stage: Stage) {
    this.#stage = stage
  }

  get name(): string {
    return this.#name
  }

  url(path: string): string {
    return `${this.#stage.hub.url}/${this.#name}/resolve/main/${path}`
  }

  /** Three notes with the same text, and a model whose last eighth is unique to the revision. */
  async push(text: string, seed: number): Promise<void> {
    const model = makeBytes(8 * mebi, 77, ['noise'])
    model.set(makeBytes(mebi, seed, ['noise']), 7 * mebi)
    const files = [
      ...notes.map((path) => ({ path, content: new Blob([text]) })),
      { path: 'model.bin', content: new Blob([model as BlobPart]) },
    ]
    const { hub, traffic } = this.#stage
    await uploadFiles({
      repo: this.#name,
      hubUrl: hub.url,
      accessToken: stageToken,
      useXet: true,
      files,
    })
    traffic.clear()
  }

  /** Reads the notes in a page, by its own fetch and the connection's in turn. */
  async read(stage: Stage, paths: readonly string[] = notes): Promise<string[]> {
    const texts: string[] = []
    for (const [index, path] of paths.entries()) {
      const { text = '' } = await stage.fetch(this.url(path), { by: index % 2 ? 'ferry' : 'page' })
      texts.push(text)
    }
    return texts
  }

  /** Digest of the model that a page gets. */
  async model(stage: Stage): Promise<string> {
    return (await stage.fetch(this.url('model.bin'))).sha256
  }
}

test('a page keeps the revision it has seen; after a reload it gets the complete new one', async ({
  stage,
}) => {
  const repo = new Repo(stage)
  await repo.push('one', 1)
  await stage.connect(pageOptions)
  expect(await repo.read(stage, ['a.json'])).toEqual(['one'])
  await repo.push('two', 2)
  await stage.page.evaluate(ageUrls)
  expect(await repo.read(stage)).toEqual(['one', 'one', 'one'])
  const old = await repo.model(stage)

  await stage.reload()
  expect(await repo.read(stage)).toEqual(['two', 'two', 'two'])
  stage.traffic.clear()
  expect(await repo.model(stage)).not.toBe(old)
  // Seven of eight mebibytes were stored.
  expect(stage.traffic.bytes('xorb')).toBeLessThan(2 * mebi)
})

test('each cache mode that asks the hub gets a branch that has just moved, and moves the view; offline the device answers', async ({
  stage,
}) => {
  const repo = new Repo(stage)
  await repo.push('0', 1)
  await stage.connect(pageOptions)
  expect(await repo.read(stage)).toEqual(['0', '0', '0'])
  const asking: RequestInit[] = [
    { cache: 'no-cache' },
    { cache: 'reload' },
    { cache: 'no-store' },
    { headers: { 'cache-control': 'no-cache' } },
  ]
  const ask = async (init: RequestInit, index: number): Promise<string | undefined> =>
    (await stage.fetch(repo.url('a.json'), { init, by: index % 2 ? 'ferry' : 'page' })).text
  for (const [index, init] of [...asking, ...asking.toReversed()].entries()) {
    await repo.push(`${index + 1}`, 1)
    expect(await ask({}, index), JSON.stringify(init)).toBe(`${index}`)
    expect(await ask(init, index), JSON.stringify(init)).toBe(`${index + 1}`)
    expect(await repo.read(stage, ['b.json'])).toEqual([`${index + 1}`])
  }
  await stage.leaveNetwork()
  for (const [index, init] of asking.entries()) expect(await ask(init, index)).toBe('8')
})

test('offline the complete old revision is answered while the new one is incomplete', async ({
  stage,
}) => {
  const repo = new Repo(stage)
  await repo.push('one', 1)
  await stage.connect(pageOptions)
  expect(await repo.read(stage)).toEqual(['one', 'one', 'one'])
  const old = await repo.model(stage)
  await repo.push('two', 2)
  await stage.page.evaluate(ageUrls)
  await stage.reload()
  expect(await repo.read(stage, ['a.json', 'b.json'])).toEqual(['two', 'two'])

  await stage.leaveNetwork()
  expect(await repo.read(stage, ['a.json', 'b.json'])).toEqual(['two', 'two'])
  await stage.reload()
  expect(await repo.read(stage)).toEqual(['one', 'one', 'one'])
  expect(await repo.model(stage)).toBe(old)
})

test('an update reports its cost, can be aborted, and is applied as a whole', async ({ stage }) => {
  const repo = new Repo(stage)
  await repo.push('one', 1)
  await stage.connect(pageOptions)
  await repo.read(stage)
  const old = await repo.model(stage)
  await repo.push('two', 2)

  const look = () =>
    stage.page.evaluate(async (name) => {
      const { from, to, files, bytes } = await (window as unknown as StageWindow).ferry.update(name)
      return { from, to, bytes, changes: files.map(({ path, change }) => `${path} ${change}`) }
    }, repo.name)
  const found = await look()
  expect(found.to).not.toBe(found.from)
  expect(found.changes.toSorted()).toEqual([...notes, 'model.bin'].map((path) => `${path} changed`))
  expect(found.bytes).toBeGreaterThanOrEqual(mebi)
  expect(found.bytes).toBeLessThan(2 * mebi)

  const apply = () =>
    stage.page.evaluate(async (name) => {
      const page = window as unknown as UpdateWindow
      const update = await page.ferry.update(name)
      page.cancel = new AbortController()
      page.running = false
      page.applied = update.apply({
        signal: page.cancel.signal,
        onProgress: ({ url, phase }) => {
          page.running ||= url.endsWith('/main/model.bin') && phase === 'running'
        },
      })
      page.applied.catch(() => undefined)
    }, repo.name)
  stage.hub.hub.faults.add({ kind: 'xorb', times: Infinity, action: { do: 'delay', ms: 60_000 } })
  await apply()
  await stage.page.waitForFunction(() => (window as unknown as UpdateWindow).running)
  const ended = stage.page.evaluate(async () => {
    const page = window as unknown as UpdateWindow
    page.cancel.abort(new Error('enough'))
    return await page.applied.catch((error: Error) => error.message)
  })
  expect(await ended).toBe('enough')
  const during = await stage.tab()
  expect(await repo.read(during)).toEqual(['one', 'one', 'one'])
  expect(await repo.model(during)).toBe(old)

  stage.hub.hub.faults.clear()
  await apply()
  await stage.page.evaluate(async () => await (window as unknown as UpdateWindow).applied)
  expect(await repo.read(stage)).toEqual(['one', 'one', 'one'])
  expect(await repo.model(during)).toBe(old)
  stage.traffic.clear()
  await stage.reload()
  expect(await repo.read(stage)).toEqual(['two', 'two', 'two'])
  expect(await repo.model(stage)).not.toBe(old)
  expect(stage.traffic.all).toEqual([])
  expect(await look()).toMatchObject({ from: found.to, to: found.to, bytes: 0 })
})

test('an impossible update reports a remedy', async ({ stage }) => {
  const repo = new Repo(stage)
  await repo.push('one', 1)
  await stage.connect(pageOptions)
  const fails = (name: string) =>
    stage.page.evaluate(
      (name) =>
        (window as unknown as StageWindow).ferry.update(name).then(
          () => 'none',
          (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
        ),
      name,
    )
  expect(await fails('no repository')).toMatch(/^configuration: .*org\/name/)
  expect(await fails(repo.name)).toMatch(/^not-found: .*Load files of it first/)
  await repo.read(stage)
  await stage.leaveNetwork()
  expect(await fails(repo.name)).toMatch(/^network: /)
  expect(await repo.read(stage)).toEqual(['one', 'one', 'one'])
})
