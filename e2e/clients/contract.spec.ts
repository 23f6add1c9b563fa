import { expect } from '@playwright/test'
import type { Fetched } from '../stage/Fetched.ts'
import { fetchInPage } from '../stage/fetchInPage.ts'
import type { PageFetch } from '../stage/fetchInPage.ts'
import { clientRepos } from './stage/clientRepos.ts'
import type { ClientStage } from './stage/ClientStage.ts'
import { hubOrigin } from './stage/hubOrigin.ts'
import { test } from './stage/test.ts'

const { alphabet, text, voice } = clientRepos
const gguf = 'alphabet-Q8_0.gguf'
const onnx = 'onnx/model.onnx'

/** Requests a size like transformers.js, whose probes do not read the body. */
const probe = (stage: ClientStage, path: string): Promise<[number, string | null]> =>
  stage.page.evaluate(async (url) => {
    const init = { headers: { range: 'bytes=0-0' }, cache: 'no-store' } as const
    const { status, headers } = await fetch(url, init)
    return [status, headers.get('content-range')]
  }, `${hubOrigin}/${voice}/resolve/main/${path}`)

const ask = (stage: ClientStage, path: string, init: PageFetch['init'] = {}): Promise<Fetched> =>
  stage.page.evaluate(fetchInPage, { url: `${hubOrigin}/${path}`, init })

/** Sends a request once online and once with all servers closed. */
async function askTwice(
  stage: ClientStage,
  path: string,
  init?: PageFetch['init'],
): Promise<readonly [online: Fetched, offline: Fetched]> {
  const online = await ask(stage, path, init)
  await stage.leaveNetwork()
  return [online, await ask(stage, path, init)]
}

test('a file that is missing is missing offline too', async ({ stage }) => {
  await stage.connect()
  const [online, offline] = await askTwice(stage, `${text}/resolve/main/tokenizer_config.json`)
  expect(online.status).toBe(404)
  expect(offline).toMatchObject({ status: 404 })
})

test('a missing file is requested once', async ({ stage }) => {
  await stage.connect()
  await ask(stage, `${text}/resolve/main/tokenizer_config.json`)
  stage.traffic.clear()
  const init = { headers: { range: 'bytes=0-0' }, cache: 'no-store' } as const
  expect(await ask(stage, `${text}/resolve/main/tokenizer_config.json`, init)).toMatchObject({
    status: 404,
  })
  expect(stage.traffic.all).toEqual([])
})

test('a probe of a large file loads nothing', async ({ stage }) => {
  await stage.connect()
  stage.traffic.clear()
  expect(await probe(stage, onnx)).toMatchObject([206, expect.stringMatching(/^bytes 0-0\//)])
  await stage.page.waitForTimeout(1000)
  expect(stage.traffic.of('reconstruction')).toEqual([])
  expect(stage.traffic.of('xorb')).toEqual([])
})

test('a probe of a small file, again and offline', async ({ stage }) => {
  await stage.connect()
  const { size } = stage.file(voice, 'config.json')
  const answer = [206, `bytes 0-0/${size}`]
  expect(await probe(stage, 'config.json')).toEqual(answer)
  await stage.page.waitForTimeout(1000)
  stage.traffic.clear()
  expect(await probe(stage, 'config.json')).toEqual(answer)
  await stage.page.waitForTimeout(1000)
  expect(stage.traffic.all).toEqual([])
  await stage.leaveNetwork()
  expect(await probe(stage, 'config.json')).toEqual(answer)
})

test('a small file costs one request', async ({ stage }) => {
  await stage.connect()
  stage.traffic.clear()
  expect(await ask(stage, `${voice}/resolve/main/config.json`)).toMatchObject({ status: 200 })
  await stage.page.waitForTimeout(1000)
  expect(stage.traffic.all.map(({ path, range }) => `${path} ${range}`)).toHaveLength(1)
})

test('a listing, again and offline', async ({ stage }) => {
  await stage.connect()
  const path = `api/models/${alphabet}/tree/main?recursive=true`
  const online = await ask(stage, path)
  expect(online.text).toContain(gguf)
  stage.traffic.clear()
  expect(await ask(stage, path)).toMatchObject({ status: 200, sha256: online.sha256 })
  expect(stage.traffic.all).toEqual([])
  await stage.leaveNetwork()
  expect(await ask(stage, path)).toMatchObject({ status: 200, sha256: online.sha256 })
})

test('a pointer, again and offline', async ({ stage }) => {
  await stage.connect()
  const { sha256 } = stage.file(alphabet, gguf)
  const path = `${alphabet}/raw/main/${gguf}`
  const online = await ask(stage, path)
  expect(online.text).toContain(`oid sha256:${sha256}`)
  stage.traffic.clear()
  expect(await ask(stage, path)).toMatchObject({ status: 200, text: online.text })
  expect(stage.traffic.all).toEqual([])
  await stage.leaveNetwork()
  expect(await ask(stage, path)).toMatchObject({ status: 200, text: online.text })
})
