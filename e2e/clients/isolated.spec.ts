import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect } from '@playwright/test'
import { clientRepos } from './stage/clientRepos.ts'
import { expectSpeech } from './stage/expectSpeech.ts'
import { test } from './stage/test.ts'
import { loadScript } from './stage/loadScript.ts'

const dist = dirname(createRequire(import.meta.url).resolve('onnxruntime-web'))
const about = JSON.parse(await readFile(join(dist, '../package.json'), 'utf8')) as {
  version: string
}

test('an isolated page: onnxruntime-web with threads, and a runtime by a script tag from a CDN', async ({
  stage,
}) => {
  const { answers } = stage.site
  for (const [path, answer] of answers)
    answers.set(path, {
      ...answer,
      headers: {
        ...answer.headers,
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-embedder-policy': 'require-corp',
      },
    })
  await stage.connect()
  const started: string[] = []
  stage.page.on('worker', (worker) => started.push(new URL(worker.url()).pathname))
  const task = { repo: clientRepos.voice, path: 'onnx/model.onnx', threads: 3 }
  const runtime = `https://cdn.jsdelivr.net/npm/onnxruntime-web@${about.version}/dist/ort-wasm-simd-threaded.mjs`
  for (const load of ['cold', 'offline'] as const) {
    if (load === 'offline') await stage.leaveNetwork()
    expect(await stage.page.evaluate(() => crossOriginIsolated)).toBe(true)
    started.length = 0
    const title = 'onnxruntime-web with threads'
    const heard = await stage.run({ title, client: 'onnxruntime', realm: 'page', task }, load)
    expectSpeech(heard)
    expect(started.filter((path) => path.startsWith('/ort/'))).toHaveLength(2)
    expect(await stage.page.evaluate(loadScript, runtime), load).toBe('loaded')
  }
})
