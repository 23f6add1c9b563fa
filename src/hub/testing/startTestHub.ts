import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startHub } from '../listen.ts'
import type { TestHub } from './TestHub.ts'

/**
 * Starts a hub for one test.
 *
 * @param options without a folder it gets an empty one
 */
export async function startTestHub(
  options: Partial<Parameters<typeof startHub>[0]> = {},
): Promise<TestHub> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'modelferry-hub-')))
  const open = options.accessTokens === undefined
  const running = await startHub({ open, ...options, folder })
  onTestFinished(async () => {
    await running.close()
    await rm(folder, { recursive: true, force: true })
  })
  return {
    ...running,
    folder,
    client: { hubUrl: running.url, accessToken: 'hf_tester' },
    get: (path, init) => fetch(new URL(path, running.url), { redirect: 'manual', ...init }),
  }
}
