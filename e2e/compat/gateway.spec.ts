// The command `hf` of the newest client, through a gateway with its own tokens.

import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@playwright/test'
import { sha256 } from '../stage/sha256.ts'
import { startGateway } from '../stage/startGateway.ts'

const python = process.env['COMPAT_PYTHON'] ?? 'python3'
const run = promisify(execFile)
const bytes = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 2_654_435_761) >>> 23)

for (const token of ['hf_gateway-user-1', 'gateway-user-2-without-prefix']) {
  // oxlint-disable-next-line no-empty-pattern -- Playwright wants a pattern here
  test(`hf uploads and downloads with the token ${token}`, async ({}, info) => {
    const digest = sha256(new TextEncoder().encode(token))
    const gateway = await startGateway({
      auth: { tokens: [{ sha256: digest, sub: 'u1', tier: 'nectar', scope: ['write:me/model'] }] },
      services: [{ name: 'hub', path: '/' }],
    })
    const work = info.outputPath('work')
    await mkdir(join(work, 'folder'), { recursive: true })
    await writeFile(join(work, 'folder/weights.bin'), bytes)
    await writeFile(join(work, 'folder/config.json'), '{}')
    const env = {
      ...process.env,
      HF_ENDPOINT: gateway.url,
      HF_HOME: info.outputPath('home'),
      HF_TOKEN: token,
      HF_HUB_DISABLE_TELEMETRY: '1',
      HF_HUB_DISABLE_PROGRESS_BARS: '1',
      HF_HUB_DISABLE_UPDATE_CHECK: '1',
    }
    const hf = async (...args: readonly string[]): Promise<void> => {
      await run(join(dirname(python), 'hf'), args, { env, cwd: work, timeout: 50_000 })
    }
    try {
      await hf('upload', 'me/model', 'folder')
      await hf('download', 'me/model', '--local-dir', 'got')
      expect(sha256(await readFile(join(work, 'got/weights.bin')))).toBe(sha256(bytes))
      expect(await readFile(join(work, 'got/config.json'), 'utf8')).toBe('{}')
      await expect(hf('upload', 'me/other', 'folder')).rejects.toThrow()
    } finally {
      await gateway.close()
    }
  })
}
