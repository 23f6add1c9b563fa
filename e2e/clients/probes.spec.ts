import { expect } from '@playwright/test'
import { fetchInPage } from '../stage/fetchInPage.ts'
import type { PageFetch } from '../stage/fetchInPage.ts'
import type { Fetched } from '../stage/Fetched.ts'
import { clientRepos } from './stage/clientRepos.ts'
import type { ClientStage } from './stage/ClientStage.ts'
import { hubOrigin } from './stage/hubOrigin.ts'
import { test } from './stage/test.ts'

const { voice } = clientRepos
const onnx = 'onnx/model.onnx'
const url = `${hubOrigin}/${voice}/resolve/main/${onnx}`

/** Requests a file like wllama does for its total. */
async function ask(stage: ClientStage, init: PageFetch['init'] = {}): Promise<Fetched> {
  return await stage.page.evaluate(fetchInPage, { url, init })
}

/** Requests a size like transformers.js, whose probes do not read the body. */
async function probe(stage: ClientStage): Promise<[status: number, range: string | null]> {
  return await stage.page.evaluate(async (url) => {
    const response = await fetch(url, { headers: { range: 'bytes=0-0' }, cache: 'no-store' })
    return [response.status, response.headers.get('content-range')]
  }, url)
}

for (const held of [true, false]) {
  test(`the size by HEAD of a file that is ${held ? '' : 'not '}held, offline`, async ({
    stage,
  }) => {
    await stage.connect()
    const { size } = stage.file(voice, onnx)
    if (held) await ask(stage)
    else expect(await ask(stage, { method: 'HEAD' })).toMatchObject({ status: 200, size: 0 })
    await stage.leaveNetwork()
    const { headers, ...answer } = await ask(stage, { method: 'HEAD' })
    expect(answer).toMatchObject({ status: 200, size: 0 })
    expect(headers).toMatchObject({ 'content-length': String(size), 'accept-ranges': 'bytes' })
  })

  test(`a probe of a file that is ${held ? '' : 'not '}held, offline`, async ({ stage }) => {
    await stage.connect()
    const { size } = stage.file(voice, onnx)
    if (held) await ask(stage)
    else expect(await probe(stage)).toEqual([206, `bytes 0-0/${size}`])
    await stage.leaveNetwork()
    expect(await probe(stage)).toEqual([206, `bytes 0-0/${size}`])
  })
}

test("the hub's own client hears offline, at once, which files exist", async ({ stage }) => {
  const task = { repo: voice, path: onnx }
  const ask = (load: 'cold' | 'offline') =>
    stage.run(
      { title: '@huggingface/hub, existence', client: 'hub exists', realm: 'page', task },
      load,
    )
  await stage.connect()
  const online = await ask('cold')
  expect(online.files).toContain(onnx)
  expect(online.exists).toEqual([true, false])
  await stage.leaveNetwork()
  const started = Date.now()
  expect(await ask('offline')).toEqual(online)
  expect(Date.now() - started).toBeLessThan(2500)
})
