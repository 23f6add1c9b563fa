import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect } from '@playwright/test'
import type { Fetched } from '../stage/Fetched.ts'
import { fetchInPage } from '../stage/fetchInPage.ts'
import type { PageFetch } from '../stage/fetchInPage.ts'
import { sha256 } from '../stage/sha256.ts'
import type { ClientStage } from './stage/ClientStage.ts'
import { test } from './stage/test.ts'
import { loadScript } from './stage/loadScript.ts'

const dist = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))
const about = JSON.parse(await readFile(join(dist, '../package.json'), 'utf8')) as {
  version: string
}
const path = (name: string, version = about.version): string =>
  `/npm/onnxruntime-web@${version}/dist/ort-wasm-simd-threaded.${name}`

async function ask(stage: ClientStage, path: string, init?: PageFetch['init']): Promise<Fetched> {
  const url = `https://cdn.jsdelivr.net${path}`
  return await stage.page.evaluate(fetchInPage, { url, ...(init && { init }) })
}

test('a runtime is fetched once, compiles from its stream, and works offline', async ({
  stage,
}) => {
  await stage.connect()
  const bytes = await readFile(join(dist, 'ort-wasm-simd-threaded.wasm'))
  const both = await Promise.all([ask(stage, path('wasm')), ask(stage, path('wasm'))])
  for (const answer of both) {
    expect(answer).toMatchObject({ status: 200, sha256: sha256(bytes) })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/wasm',
      'content-length': String(bytes.length),
    })
  }
  expect(stage.fromCdn).toEqual([path('wasm')])
  await stage.leaveNetwork()
  const compiled = await stage.page.evaluate(
    async (url) =>
      WebAssembly.Module.exports(await WebAssembly.compileStreaming(fetch(url))).length,
    `https://cdn.jsdelivr.net${path('wasm')}`,
  )
  expect(compiled).toBeGreaterThan(10)
  expect(stage.fromCdn).toEqual([])
})

test('ranges of a runtime, version ranges and missing files pass to the network', async ({
  stage,
}) => {
  await stage.connect()
  const asked = [path('mjs', 'latest'), path('mjs', '1'), path('mjs', '0.0.1')]
  for (const each of asked) expect((await ask(stage, each)).status).toBe(404)
  await ask(stage, path('mjs'), { headers: { range: 'bytes=0-9' } })
  await stage.reload()
  for (const each of asked) expect((await ask(stage, each)).status).toBe(404)
  await ask(stage, path('mjs'), { headers: { range: 'bytes=0-9' } })
  expect(stage.fromCdn).toEqual([...asked, path('mjs')])
})

test('runtimes pass to the network when the option is off', async ({ stage }) => {
  await stage.connect({ runtimes: false })
  for (let load = 0; load < 2; load++) {
    const answer = await ask(stage, path('mjs'))
    expect(answer.status).toBe(200)
    expect(answer.headers).not.toHaveProperty('x-modelferry')
    expect(stage.fromCdn).toEqual([path('mjs')])
    await stage.reload()
  }
})

test('a script tag gets a stored runtime offline', async ({ stage }) => {
  await stage.connect()
  const load = async (): Promise<string> =>
    await stage.page.evaluate(loadScript, `https://cdn.jsdelivr.net${path('mjs')}`)
  expect(await load()).toBe('loaded')
  await stage.leaveNetwork()
  expect(await load()).toBe('loaded')
})
