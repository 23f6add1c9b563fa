import { describe, expect, test } from 'vitest'
import { createGuard } from './access.ts'
import type { RepoId } from './hub.ts'
import { putModel } from './testing/putModel.ts'
import { startTestHub } from './testing/startTestHub.ts'
import type { TestHub } from './testing/TestHub.ts'

const accessTokens = [
  { token: 'hf_tester', write: ['me/vad'] },
  { token: 'hf_reader', read: ['me/vad'] },
  { token: 'hf_stranger' },
]

async function ask(
  hub: TestHub,
  path: string,
  token?: string,
): Promise<[status: number, code: string | null]> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const response = await hub.get(path, { ...(headers && { headers }) })
  await response.arrayBuffer()
  return [response.status, response.headers.get('x-error-code')]
}

const file = '/me/vad/resolve/main/model.onnx'
const tree = '/api/models/me/vad/tree/main'
const token = '/api/models/me/vad/xet-read-token/main'

test('files of a gated repository need the right to read them', async () => {
  const hub = await startTestHub({ accessTokens })
  await putModel(hub)
  expect(await ask(hub, file)).toEqual([302, null])
  hub.hub.gated.add('me/vad')
  for (const path of [file, token]) {
    expect(await ask(hub, path)).toEqual([401, 'GatedRepo'])
    expect(await ask(hub, path, 'hf_stranger')).toEqual([403, 'GatedRepo'])
    expect((await ask(hub, path, 'hf_reader'))[0]).toBeLessThan(400)
    expect((await ask(hub, path, 'hf_tester'))[0]).toBeLessThan(400)
    expect(await ask(hub, path, 'hf_unknown')).toEqual([401, null])
  }
  expect(await (await hub.get(tree)).text()).toContain('"xetHash":"****"')
  const refused = await hub.get(file)
  expect(refused.headers.get('x-error-message')).toContain('Access to model me/vad is restricted')
  hub.hub.gated.delete('me/vad')
  expect(await ask(hub, file)).toEqual([302, null])
})

test('a private repository does not exist for others', async () => {
  const hub = await startTestHub({ accessTokens, private: ['me/vad'] })
  await putModel(hub)
  for (const path of [file, tree, token]) {
    expect(await ask(hub, path)).toEqual([401, null])
    expect(await ask(hub, path, 'hf_stranger')).toEqual([404, 'RepoNotFound'])
    expect((await ask(hub, path, 'hf_reader'))[0]).toBeLessThan(400)
  }
})

test('absent repositories and files are refused as on the real hub', async () => {
  const hub = await startTestHub({ accessTokens })
  await putModel(hub)
  expect(await ask(hub, '/me/none/resolve/main/a')).toEqual([401, null])
  expect(await ask(hub, '/me/none/resolve/main/a', 'hf_reader')).toEqual([404, 'RepoNotFound'])
  expect(await ask(hub, '/me/vad/resolve/none/a')).toEqual([404, 'RevisionNotFound'])
  expect(await ask(hub, '/me/vad/resolve/main/none')).toEqual([404, 'EntryNotFound'])
  expect((await hub.get('/me/vad/resolve/main/none')).headers.has('x-repo-commit')).toBe(true)
  expect(await ask(hub, '/nothing')).toEqual([404, null])
})

test('only tokens with a write right can write', async () => {
  const hub = await startTestHub({ accessTokens })
  const post = async (path: string, authorization?: string): Promise<number> =>
    (
      await hub.get(path, {
        method: 'POST',
        body: '{"operation":"upload","objects":[],"files":[]}',
        ...(authorization !== undefined && { headers: { authorization } }),
      })
    ).status
  for (const path of [
    '/api/models/me/vad/preupload/main',
    '/api/models/me/vad/commit/main',
    '/me/vad.git/info/lfs/objects/batch',
  ]) {
    expect(await post(path)).toBe(401)
    expect(await post(path, 'Basic abc')).toBe(401)
    expect(await post(path, 'Bearer hf_reader')).toBe(403)
  }
  expect(await ask(hub, '/api/models/me/vad/xet-write-token/main', 'hf_reader')).toEqual([
    403,
    null,
  ])
  expect(await post('/me/vad.git/info/lfs/objects/batch', 'Bearer hf_tester')).toBe(200)
})

describe('a right for all repositories of an owner', () => {
  const guard = createGuard(new Map(), [], [])
  const may = (pattern: string, name: string, type: RepoId['type'] = 'model'): boolean =>
    guard.mayWrite({ write: [pattern] }, { type, name })

  test('is for that owner and type alone, in any case', () => {
    expect(may('alice/*', 'alice/vad')).toBe(true)
    expect(may('Alice/*', 'aLICE/Vad')).toBe(true)
    expect(may('datasets/alice/*', 'alice/vad', 'dataset')).toBe(true)
    expect(may('spaces/alice/*', 'alice/vad', 'space')).toBe(true)
    for (const name of ['alice2/vad', 'al/vad', 'bob/alice', 'alice', 'vad', 'models/alice']) {
      expect(may('alice/*', name), name).toBe(false)
    }
    expect(may('alice/*', 'alice/vad', 'dataset')).toBe(false)
    expect(may('datasets/alice/*', 'alice/vad')).toBe(false)
    expect(may('datasets/alice/*', 'alice/vad', 'space')).toBe(false)
    expect(guard.mayWrite({ read: ['alice/*'] }, { type: 'model', name: 'alice/vad' })).toBe(false)
  })

  test('needs an owner: a type alone, and other patterns, match nothing', () => {
    for (const pattern of ['datasets/*', '/*', '*/*', 'a*', 'alice/v*', 'alice/**', '']) {
      expect(may(pattern, 'alice/vad'), pattern).toBe(false)
      expect(may(pattern, 'alice/vad', 'dataset'), pattern).toBe(false)
      expect(may(pattern, 'vad', 'dataset'), pattern).toBe(false)
      expect(may(pattern, 'datasets/vad'), pattern).toBe(false)
    }
    expect(may('models/datasets/*', 'datasets/vad')).toBe(true)
    expect(may('models/datasets/*', 'vad', 'dataset')).toBe(false)
  })
})
