import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect } from '@playwright/test'
import { fileBytes } from '../stage/fileBytes.ts'
import { sha256 } from '../stage/sha256.ts'
import type { Stage } from '../stage/Stage.ts'
import type { StageFile } from '../stage/StageFile.ts'
import { test } from '../stage/test.ts'

const script = fileURLToPath(new URL('roundtrip.py', import.meta.url))
const python = process.env['COMPAT_PYTHON'] ?? 'python3'
const run = promisify(execFile)

/** Runs the client in Python, whose transfers are written in Rust, with a cache of its own. */
async function client(
  stage: Stage,
  home: string,
  ...args: readonly string[]
): Promise<Record<string, unknown>> {
  const env = {
    ...process.env,
    HF_ENDPOINT: stage.hub.url,
    HF_HOME: home,
    HF_HUB_DISABLE_TELEMETRY: '1',
    HF_HUB_DISABLE_PROGRESS_BARS: '1',
  }
  const { stdout } = await run(python, [script, ...args], { env, timeout: 50_000 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>
}

test('files uploaded by the Rust client can be downloaded by it and by the browser', async ({
  stage,
}, info) => {
  const home = info.outputPath('home')
  const names = ['vad', 'rec', 'mixed', 'config'] as const
  const files: { path: string; bytes: Uint8Array }[] = []
  for (const name of names) files.push({ path: `a b/${name}.bin`, bytes: await fileBytes[name]() })
  // One is so small that it is stored as a git file, and one is empty.
  files.push({ path: 'empty.txt', bytes: new Uint8Array() })
  const pairs: string[] = []
  for (const { path, bytes } of files) {
    const local = info.outputPath('local', path)
    await mkdir(dirname(local), { recursive: true })
    await writeFile(local, bytes)
    pairs.push(path, local)
  }
  const { commit, files: listed } = await client(stage, home, 'up', 'rust/model', ...pairs)
  for (const { path } of files) expect(listed).toContain(path)
  expect(stage.traffic.of('xorb-upload').length).toBeGreaterThan(0)

  const sums = Object.fromEntries(files.map(({ path, bytes }) => [path, sha256(bytes)]))
  stage.traffic.clear()
  const got = await client(stage, join(home, 'other'), 'down', 'rust/model')
  expect(got).toMatchObject(sums)
  expect(stage.traffic.of('xorb').length).toBeGreaterThan(0)

  await stage.connect()
  for (const { path, bytes } of files) {
    const file: StageFile = {
      repo: 'rust/model',
      path: encodeURIComponent(path).replaceAll('%2F', '/'),
      commit: commit as string,
      size: bytes.length,
      sha256: sha256(bytes),
    }
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
    expect(await stage.fetch(file)).toMatchObject({ status: 200, sha256: file.sha256 })
  }
})

test('files uploaded by the JavaScript client can be downloaded by the Rust client', async ({
  stage,
}, info) => {
  for (const file of [stage.files.mixed, stage.files.large, stage.files.vad]) {
    stage.traffic.clear()
    const got = await client(stage, info.outputPath('home'), 'down', file.repo)
    expect(got).toMatchObject({ [file.path]: file.sha256 })
    expect(stage.traffic.of('reconstruction').length).toBeGreaterThan(0)
  }
})
