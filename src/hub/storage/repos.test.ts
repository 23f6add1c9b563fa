import { chmod, cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Repos } from '../context.ts'
import type { RepoId } from '../hub.ts'
import { manualClock } from '../testing/manualClock.ts'
import { startTestHub } from '../testing/startTestHub.ts'
import { openFolder, type Folder } from './folder.ts'
import { canonicalKey, parseRepoKey, repoKey, RepoSet } from './repo-names.ts'
import { openRepos } from './repos.ts'

const model = (name: string): RepoId => ({ type: 'model', name })
const dataset = (name: string): RepoId => ({ type: 'dataset', name })

describe('the key of a repository', () => {
  test.each([
    [model('me/vad'), 'me/vad'],
    [model('gpt2'), 'gpt2'],
    [dataset('me/vad'), 'datasets/me/vad'],
    [{ type: 'space', name: 'me/vad' } as const, 'spaces/me/vad'],
    [dataset('foo'), 'datasets/foo'],
    [model('datasets/foo'), 'models/datasets/foo'],
    [model('Datasets/foo'), 'models/Datasets/foo'],
    [model('models/foo'), 'models/models/foo'],
  ])('of %j is %s, which is unique', (repo, key) => {
    expect(repoKey(repo)).toBe(key)
    expect(parseRepoKey(key)).toEqual(repo)
  })

  test('is compared without regard to case', () => {
    expect(canonicalKey('Me/Vad')).toBe(canonicalKey(model('me/VAD')))
    expect(canonicalKey('Datasets/a')).toBe(canonicalKey(dataset('A')))
    const set = new RepoSet(['Me/Vad'])
    expect([set.has('me/vad'), set.has('datasets/me/vad')]).toEqual([true, false])
    set.add('ME/VAD')
    expect(set.size).toBe(1)
    set.delete('me/VAD')
    expect(set.size).toBe(0)
  })
})

describe('private and gated repositories', () => {
  const write = { authorization: 'Bearer hf_tester' }
  const body = JSON.stringify({ key: 'file', value: { path: 'a.txt', content: 'secret' } })

  test('are private for any case of the name', async () => {
    const hub = await startTestHub({ private: ['Me/Secret'], gated: ['me/gated'] })
    for (const repo of ['me/secret', 'Me/Gated']) {
      const path = `/api/models/${repo}/commit/main`
      expect((await hub.get(path, { method: 'POST', headers: write, body })).status).toBe(200)
    }
    for (const repo of ['me/secret', 'Me/Secret', 'ME/SECRET', 'me/gated', 'ME/gated']) {
      const path = `/${repo}/resolve/main/a.txt`
      expect((await hub.get(path)).status, repo).toBe(401)
      expect(await (await hub.get(path, { headers: write })).text(), repo).toBe('secret')
    }
  })

  test('a right for the dataset foo is not a right for the model datasets/foo', async () => {
    const token = { token: 'hf_one', write: ['datasets/foo'] }
    const hub = await startTestHub({ accessTokens: [token], private: ['models/datasets/foo'] })
    const headers = { authorization: 'Bearer hf_one' }
    const commit = async (path: string): Promise<number> =>
      (await hub.get(`/api/${path}/commit/main`, { method: 'POST', headers, body })).status
    expect(await commit('datasets/foo')).toBe(200)
    expect(await commit('models/datasets/foo')).toBe(403)
  })
})

describe('a folder', () => {
  async function open(folder: string): Promise<Repos> {
    const opened = await openFolder(folder)
    onTestFinished(() => opened.close())
    return openRepos(opened, manualClock())
  }
  async function makeRoot(): Promise<string> {
    const root = await mkdtemp(join(tmpdir(), 'modelferry-repos-'))
    onTestFinished(() => rm(root, { recursive: true, force: true }))
    return root
  }
  const change = (oid: string): Map<string, { oid: string; size: number }> =>
    new Map([['a', { oid, size: 1 }]])

  test('contains one repository for all spellings of its name', async () => {
    const root = await makeRoot()
    const repos = await open(root)
    await repos.commit(model('Me/Vad'), { title: 'one', branch: 'main', changes: change('1') })
    const changes = change('2')
    const { commit } = await repos.commit(model('me/VAD'), { title: '2', branch: 'main', changes })
    expect((await repos.find(model('ME/vad'), 'main'))?.oid).toBe(commit.oid)
    expect(await readdir(join(root, 'repos', 'models'))).toEqual(['Me.'])
  })

  test('of an older version keeps repositories separate whose names differ only in case', async () => {
    const root = await makeRoot()
    for (const name of ['Vad', 'vad']) {
      const path = join(root, 'repos', 'models', 'me.', `${name}.`)
      await mkdir(join(path, 'branches'), { recursive: true })
      await mkdir(join(path, 'commits'))
      const commit = { oid: name, parent: null, title: '', date: '', files: {} }
      await writeFile(join(path, 'repo.json'), JSON.stringify(model(`me/${name}`)))
      await writeFile(join(path, 'commits', `${name}.json`), JSON.stringify(commit))
      await writeFile(join(path, 'branches', 'main'), name)
    }
    await chmod(root, 0o700)
    const repos = await open(root)
    for (const name of ['Vad', 'vad']) {
      expect((await repos.find(model(`me/${name}`), 'main'))?.oid).toBe(name)
    }
    expect(await repos.exists(model('ME/VAD'))).toBe(true)
  })

  test('of an older version may hold a repository without main, which can be created', async () => {
    const root = await makeRoot()
    const path = join(root, 'repos', 'models', 'me.', 'vad.')
    await mkdir(join(path, 'branches'), { recursive: true })
    await mkdir(join(path, 'commits'))
    const commit = { oid: 'c1', parent: null, title: '', date: '2026-01-01', files: {} }
    await writeFile(join(path, 'repo.json'), '{}')
    await writeFile(join(path, 'commits', 'c1.json'), JSON.stringify(commit))
    await writeFile(join(path, 'branches', 'dev'), 'c1\n')
    await chmod(root, 0o700)
    const repos = await open(root)
    const repo = model('me/vad')
    expect(await repos.describe(repo)).toEqual({ id: repo, created: '2026-01-01' })
    expect(await repos.find(repo, 'main')).toBeUndefined()
    await repos.createRef(repo, 'branches', 'main', { target: 'dev' })
    expect((await repos.find(repo, 'main'))?.oid).toBe('c1')
  })

  test('of an older version may hold a repository without commits, whose main is empty', async () => {
    const root = await makeRoot()
    const path = join(root, 'repos', 'models', 'me.', 'vad.')
    await mkdir(path, { recursive: true })
    await writeFile(join(path, 'repo.json'), '{"created":"2026-01-01"}')
    await chmod(root, 0o700)
    const first = await (await open(root)).find(model('me/vad'), 'main')
    expect(first).toMatchObject({ parent: null, files: new Map(), date: '2026-01-01' })
  })

  test('gets no repository from a refused commit', async () => {
    const repos = await open(await makeRoot())
    const one = { title: 'x', branch: 'main', changes: change('1'), parent: 'a'.repeat(40) }
    await expect(repos.commit(model('me/new'), one)).rejects.toMatchObject({ status: 412 })
    expect(await repos.exists(model('me/new'))).toBe(false)
  })

  test('does not restore parts of a repository whose deletion was interrupted', async () => {
    const root = await makeRoot()
    const repos = await open(root)
    const { commit } = await repos.commit(model('vad'), {
      title: 'one',
      branch: 'main',
      changes: change('1'),
    })
    // The process was killed after the first part was deleted.
    await rm(join(root, 'repos', 'models', 'vad.', 'repo.json'))
    const copy = await makeRoot()
    await cp(join(root, 'repos'), join(copy, 'repos'), { recursive: true })
    await chmod(copy, 0o700)
    const again = await open(copy)
    expect(await again.exists(model('vad'))).toBe(false)
    await again.create(model('vad'), { private: false, gated: false })
    expect(await again.find(model('vad'), commit.oid)).toBeUndefined()
    expect((await again.find(model('vad'), 'main'))?.files.size).toBe(0)
  })

  const step = { title: 'one', branch: 'main', changes: change('1') }
  const hidden = { private: true, gated: false } as const
  const changes: readonly (readonly [string, (repos: Repos, repo: RepoId) => Promise<unknown>])[] =
    [
      ['a creation', (repos) => repos.create(model('me/new'), hidden)],
      ['a commit', (repos, repo) => repos.commit(repo, { ...step, changes: change('2') })],
      ['a squash', (repos, repo) => repos.squash(repo, 'main', 'squashed')],
      ['a deletion', (repos, repo) => repos.remove(repo)],
      ['a move', (repos, repo) => repos.move(repo, model('me/new'), hidden, () => undefined)],
      ['a setting', (repos, repo) => repos.setAccess(repo, { gated: 'auto' }, () => undefined)],
      ['a tag', (repos, repo) => repos.createRef(repo, 'tags', 'v1', {})],
    ]
  test.each(changes)('is whole after %s that fails at any step', async (_, make) => {
    const repo = model('me/old')
    for (let at = 0, failed = true; failed; at++) {
      const root = await makeRoot()
      const opened = await openFolder(root)
      onTestFinished(() => opened.close())
      const before = openRepos(opened, manualClock())
      await before.create(repo, hidden)
      await before.commit(repo, step)
      const broken = openRepos(failingAt(opened, at), manualClock())
      failed = await make(broken, repo).then(
        () => false,
        () => true,
      )
      const repos = openRepos(opened, manualClock())
      const found = await repos.list()
      expect(found.length).toBeLessThanOrEqual(2)
      for (const each of found) {
        expect(await repos.access(each)).toMatchObject({ private: true })
        const main = await repos.find(each, 'main')
        expect(main, `${each.name} has a main`).toBeDefined()
        if (each.name === 'me/old') expect([...main!.files.keys()]).toEqual(['a'])
        expect((await repos.history(each, main!)).at(-1)?.parent).toBeNull()
      }
    }
  })

  /** A folder whose nth change fails, and every one after it: the process is gone. */
  function failingAt(folder: Folder, nth: number): Folder {
    let count = 0
    const until = async (change: () => Promise<void>): Promise<void> => {
      if (count++ >= nth) throw new Error('gone')
      await change()
    }
    return {
      ...folder,
      write: (...args) => until(() => folder.write(...args)),
      adopt: (...args) => until(() => folder.adopt(...args)),
      move: (...args) => until(() => folder.move(...args)),
      discard: (...args) => until(() => folder.discard(...args)),
    }
  }
})
