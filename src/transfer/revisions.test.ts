import { commit, uploadFile } from '@huggingface/hub'
import { expect, test } from 'vitest'
import { settledAnswer } from './kept-answers.ts'
import { ageStore } from './testing/ageStore.ts'
import { answered, ask } from './testing/ask.ts'
import { kinds, startOrigin } from '../hub/testing/startOrigin.ts'
import type { Origin } from '../hub/testing/startOrigin.ts'

const names = ['a.json', 'b.json', 'c.json'] as const

/** Makes a new revision: three small files with the same content. */
async function push(
  { hub }: Origin,
  text: string,
  paths: readonly string[] = names,
): Promise<void> {
  await commit({
    ...hub.client,
    repo: 'me/vad',
    title: text,
    operations: paths.map((path) => ({
      operation: 'addOrUpdate',
      path,
      content: new Blob([text]),
    })),
  })
  hub.hub.log.clear()
}

function url({ url }: Origin, path: string): string {
  return url.replace('model.onnx', path)
}

async function read(
  place: Origin,
  client?: string,
  paths: readonly string[] = names,
  token?: string,
): Promise<string[]> {
  const engine = place.engine(token)
  const answers = await Promise.all(paths.map((path) => ask(engine, url(place, path), {}, client)))
  return await Promise.all(answers.map((answer) => answer.text()))
}

test('one request determines the commit for all files of a branch', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  expect(await read(place)).toEqual(['one', 'one', 'one'])
  expect(kinds(place)).toHaveLength(3)
  await ageStore(place.store)
  place.hub.hub.log.clear()
  expect(await read(place)).toEqual(['one', 'one', 'one'])
  expect(await read(place)).toEqual(['one', 'one', 'one'])
  expect(kinds(place)).toEqual(['resolve'])
})

test('a page sees one revision, the next page sees the new one', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  expect(await read(place, 'page', ['a.json'])).toEqual(['one'])
  await push(place, 'two')
  await ageStore(place.store)
  expect(await read(place, 'page')).toEqual(['one', 'one', 'one'])
  expect(await read(place, 'next page')).toEqual(['two', 'two', 'two'])
  expect(await read(place, 'page')).toEqual(['one', 'one', 'one'])
  await place.hub.close()
  expect(await read(place, 'page')).toEqual(['one', 'one', 'one'])
  expect(await read(place, 'next page')).toEqual(['two', 'two', 'two'])
})

test('concurrent requests get files of one revision, although the branch changes meanwhile', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  place.hub.hub.faults.add({ kind: 'resolve', nth: 2, times: 2, action: { do: 'delay', ms: 400 } })
  const all = read(place, 'page')
  await expect.poll(() => kinds(place).length).toBeGreaterThan(0)
  const moved = uploadFile({
    ...place.hub.client,
    repo: 'me/vad',
    file: { path: 'c.json', content: new Blob(['two']) },
  })
  expect(await all).toEqual(['one', 'one', 'one'])
  await moved
})

test('offline, the newest revision is used that is as complete as the earlier ones', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  expect(await read(place, 'first')).toEqual(['one', 'one', 'one'])
  await push(place, 'two')
  await ageStore(place.store)
  expect(await read(place, 'second', ['a.json', 'b.json'])).toEqual(['two', 'two'])
  const page = (client: string) =>
    settledAnswer(place.store, url(place, 'a.json'), { grant: 'public', client }, Date.now())
  // Online, the new revision is used, and an incomplete one needs a request to the hub.
  expect(await page('third')).toBeUndefined()
  expect(await read(place, 'third', ['a.json'])).toEqual(['two'])
  await place.hub.close()
  expect(await read(place, 'fourth')).toEqual(['one', 'one', 'one'])
  expect(await read(place, 'second', ['a.json', 'b.json'])).toEqual(['two', 'two'])
})

test('after a sign-in, files from before are still available offline', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  expect(await read(place, 'first')).toEqual(['one', 'one', 'one'])
  await push(place, 'two')
  await ageStore(place.store)
  expect(await read(place, 'signed in', ['a.json'], 'hf_tester')).toEqual(['two'])
  await place.hub.close()
  expect(await read(place, 'later', names, 'hf_tester')).toEqual(['one', 'one', 'one'])
})

test('a 404 that is not from the hub removes no file', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  expect(await read(place, 'first')).toEqual(['one', 'one', 'one'])
  await ageStore(place.store)
  const action = { do: 'status', status: 404 } as const
  place.hub.hub.log.clear()
  place.hub.hub.faults.add({ kind: 'resolve', times: 9, action })
  expect(await read(place, 'second')).toEqual(['one', 'one', 'one'])
  expect(kinds(place)).toContain('resolve')
})

test('a file that was missing, and is found later, is found offline too', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  const action = { do: 'status', status: 404 } as const
  place.hub.hub.faults.add({ kind: 'resolve', times: 1, action })
  const engine = place.engine()
  expect((await ask(engine, url(place, 'a.json'))).status).toBe(404)
  expect(await read(place, undefined, ['a.json'])).toEqual(['one'])
  await place.hub.close()
  expect(await read(place, undefined, ['a.json'])).toEqual(['one'])
})

test('a branch whose commit the hub no longer knows is checked again', async () => {
  const place = await startOrigin()
  await push(place, 'one')
  expect(await read(place, 'page', ['a.json'])).toEqual(['one'])
  const base = url(place, '').replace(/\/$/, '')
  await place.store.branches.look({
    client: 'lost',
    base,
    commit: 'f'.repeat(40),
    takenAt: Date.now(),
  })
  expect(await read(place, 'lost')).toEqual(['one', 'one', 'one'])
  expect((await place.store.branches.read(base, 'lost')).seen).not.toBe('f'.repeat(40))
})

test('a page that requested a branch gets the file of the commit, under its own URL', async () => {
  const place = await startOrigin()
  const engine = place.engine()
  const known = await engine.info(place.url, { client: 'page' })
  const commit = 'info' in known ? known.info.commit : undefined
  const pinned = place.url.replace('/main/', `/${commit}/`)
  expect(known).toMatchObject({ info: { url: place.url, pinned } })
  place.hub.hub.log.clear()
  expect(await engine.info(pinned, {})).toMatchObject({ info: { url: pinned } })
  expect(kinds(place)).toEqual([])
})

test.each(['no-cache', 'reload', 'no-store'] as const)(
  'after the branch moved, %s gives the new revision, and the page sees it from then on',
  async (cache) => {
    const place = await startOrigin()
    await push(place, 'one')
    expect(await read(place, 'page')).toEqual(['one', 'one', 'one'])
    await push(place, 'two')
    const request = {
      url: url(place, 'a.json'),
      method: 'GET',
      headers: new Headers(),
      client: 'page',
    }
    const again = await answered(place.engine(), { ...request, cache })
    expect(await again.text()).toBe('two')
    expect(await read(place, 'page')).toEqual(['two', 'two', 'two'])
  },
)

test.each(['no-cache', 'reload', 'no-store'] as const)(
  'a file that was missing and was pushed is found with %s, by the page that was told so',
  async (cache) => {
    const place = await startOrigin()
    await push(place, 'one', ['a.json'])
    const request = {
      url: url(place, 'b.json'),
      method: 'GET',
      headers: new Headers(),
      client: 'page',
    }
    const engine = place.engine()
    expect((await answered(engine, request)).status).toBe(404)
    await push(place, 'two', ['b.json'])
    expect((await answered(engine, request)).status).toBe(404)
    expect(await (await answered(engine, { ...request, cache })).text()).toBe('two')
    expect((await answered(engine, request)).status).toBe(200)
  },
)
