import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { startHub } from '../http-server.ts'
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
  const get: TestHub['get'] = (path, init) =>
    fetch(new URL(path, running.url), { redirect: 'manual', ...init })
  const call: TestHub['call'] = async (method, path, body, token = 'hf_tester') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await get(path, {
      method,
      ...(token !== null && { headers: { authorization: `Bearer ${token}` } }),
      ...(body !== undefined && { body: text }),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  return {
    ...running,
    folder,
    client: { hubUrl: running.url, accessToken: 'hf_tester' },
    get,
    call,
    async put(files, title = 'Upload') {
      const lines = Object.entries(files).map(([path, content]) => ({
        key: 'file',
        value: { path, content },
      }))
      const header = { key: 'header', value: { summary: title } }
      const body = [header, ...lines].map((line) => JSON.stringify(line)).join('\n')
      const { status, body: answer } = await call('POST', '/api/models/me/vad/commit/main', body)
      if (status !== 200) throw new Error(JSON.stringify(answer))
      return String(answer['commitOid'])
    },
  }
}
