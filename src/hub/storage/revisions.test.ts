import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FileEntry, Repos } from '../context.ts'
import { manualClock } from '../testing/manualClock.ts'
import { writeCommit, type CommitHead } from './commit-file.ts'
import { pathsOf } from './entries.ts'
import { openFolder } from './folder.ts'
import { openRepos } from './repos.ts'
import { createRevisions, replayOf } from './revisions.ts'

const repo = { type: 'model', name: 'vad' } as const
const fileOf = (id: number): FileEntry => ({ oid: String(id).padStart(40, '0'), size: id })

async function makeRoot(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'modelferry-revisions-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  return root
}

/** Opens the repositories of a folder, closes them, and tells which commits were read as a whole. */
async function withRepos<Value>(
  root: string,
  use: (repos: Repos, read: readonly string[]) => Promise<Value>,
): Promise<Value> {
  await chmod(root, 0o700)
  const folder = await openFolder(root)
  const read: string[] = []
  const counting: typeof folder = {
    ...folder,
    read(path) {
      if (path.includes('commits')) read.push(path)
      return folder.read(path)
    },
  }
  try {
    return await use(openRepos(counting, manualClock()), read)
  } finally {
    await folder.close()
  }
}

describe('the revisions of a repository', () => {
  const step = fc.dictionary(
    fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f/g/h', '__proto__'),
    fc.option(fc.nat(9)),
  )

  test('have the files that their commits made, also after a restart', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 4 }), async (steps) => {
        const root = await makeRoot()
        const model = new Map<string, FileEntry>()
        const expected = new Map<string, Map<string, FileEntry>>()
        await withRepos(root, async (repos) => {
          for (const changes of steps) {
            const asked = new Map<string, FileEntry | null>()
            for (const [path, id] of Object.entries(changes)) {
              if (id === null && !model.has(path)) continue
              asked.set(path, id === null ? null : fileOf(id))
              if (id === null) model.delete(path)
              else model.set(path, fileOf(id))
            }
            const change = { title: 'x', branch: 'main', changes: asked }
            const { commit } = await repos.commit(repo, change)
            expected.set(commit.oid, new Map(model))
          }
        })
        await withRepos(root, async (repos) => {
          for (const [oid, files] of expected) {
            const found = (await repos.find(repo, oid))!.files
            expect(new Map(found)).toEqual(files)
            expect(found.size).toBe(files.size)
            expect([...found.keys()].map((path) => found.get(path))).toEqual([...found.values()])
            expect(await pathsOf(found)).toEqual([...files.keys()].toSorted())
          }
          const squashed = await repos.squash(repo, 'main', 'squashed')
          expect(new Map((await repos.find(repo, squashed.oid))!.files)).toEqual(model)
        })
      }),
      { numRuns: 5 },
    )
  })

  test('are stored as changes, and now and then with all files', async () => {
    const root = await makeRoot()
    const filesOf = (count: number, id: number): Map<string, FileEntry> =>
      new Map(Array.from({ length: count }, (_, at) => [`file-${at}`, fileOf(at + id)]))
    await withRepos(root, async (repos) => {
      for (let at = 0; at < 8; at++) {
        const changes = filesOf(at === 0 ? 500 : 400, at)
        await repos.commit(repo, { title: 'x', branch: 'main', changes })
      }
    })
    const folder = join(root, 'repos', 'models', 'vad.', 'commits')
    const texts = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    )
    expect(texts.filter((text) => text.includes('"files":{'))).toHaveLength(1)
    await withRepos(root, async (repos, read) => {
      const newest = (await repos.find(repo, 'main'))!
      expect(new Map(newest.files)).toEqual(new Map([...filesOf(500, 0), ...filesOf(400, 7)]))
      expect(read.length).toBeLessThan(4)
    })
  })

  test('take at most about twice as long to read as all their files', () => {
    for (const [files, changed] of [
      [3, 1],
      [50_000, 1],
      [50_000, 50_000],
    ] as const) {
      let head: CommitHead = { oid: '', parent: null, title: '', date: '', replay: 0 }
      let wholes = 0
      for (let at = 0; at < 1000; at++) {
        const { replay, whole } = replayOf(head, changed, files)
        expect(replay).toBeLessThan(2 * files + 3000)
        expect(whole).toBe(replay === 0)
        head = { ...head, replay }
        if (whole) wholes++
      }
      // Repeating all files costs less than the changes between.
      expect(wholes * files).toBeLessThanOrEqual(1000 * (changed + 200))
    }
  })

  test('share what they have in common when many are asked for at once', async () => {
    const root = await makeRoot()
    const oids: string[] = []
    await withRepos(root, async (repos) => {
      for (let at = 0; at < 6; at++) {
        const changes = new Map(
          Array.from({ length: at === 0 ? 99 : 1 }, (_, id) => [`${at}/${id}`, fileOf(id)]),
        )
        oids.push((await repos.commit(repo, { title: 'x', branch: 'main', changes })).commit.oid)
      }
    })
    await withRepos(root, async (repos, read) => {
      const found = await Promise.all(oids.toReversed().map((oid) => repos.find(repo, oid)))
      expect(found.map((revision) => revision?.files.size)).toEqual([104, 103, 102, 101, 100, 99])
      expect(read.filter((path) => path.includes(oids[0]!))).toHaveLength(1)
      const [newest, ...older] = found.map((revision) => revision!.files.get('0/7'))
      for (const entry of older) expect(entry).toBe(newest)
    })
  })

  test('of an older folder are read one at a time, when they are asked for', async () => {
    const root = await makeRoot()
    const commits = join(root, 'repos', 'models', 'vad.', 'commits')
    await mkdir(join(commits, '..', 'branches'), { recursive: true })
    await mkdir(commits)
    const oids = ['a', 'b', 'c'].map((letter) => letter.repeat(40))
    for (const [at, oid] of oids.entries()) {
      const head = { oid, parent: oids[at - 1] ?? null, title: 'x', date: `2026-01-0${at + 1}` }
      const files = new Map([
        ['same', fileOf(1)],
        [`file-${at}`, fileOf(at)],
      ])
      await writeFile(join(commits, `${oid}.json`), [...writeCommit(head, { files })].join(''))
    }
    await writeFile(join(commits, '..', 'repo.json'), '{}')
    await writeFile(join(commits, '..', 'branches', 'main'), oids[2]!)
    await withRepos(root, async (repos, read) => {
      const newest = await repos.find(repo, 'main')
      expect([...newest!.files.keys()]).toEqual(['same', 'file-2'])
      expect(read).toHaveLength(1)
      expect(await repos.changedPaths(repo, newest!)).toEqual(['file-1', 'file-2'])
      const change = { title: 'new', branch: 'main', changes: new Map([['same', null]]) }
      const { commit } = await repos.commit(repo, change)
      expect([...(await repos.find(repo, commit.oid))!.files.keys()]).toEqual(['file-2'])
    })
  })

  test('whose parent is gone after an interrupted squash do not exist', async () => {
    const root = await makeRoot()
    const oids = await withRepos(root, async (repos) => {
      const made: string[] = []
      for (const id of [1, 2]) {
        const changes = new Map([['a', fileOf(id)]])
        made.push((await repos.commit(repo, { title: 'x', branch: 'main', changes })).commit.oid)
      }
      await repos.createRef(repo, 'branches', 'new', { target: null })
      return made
    })
    await rm(join(root, 'repos', 'models', 'vad.', 'commits', `${oids[0]}.json`))
    await withRepos(root, async (repos) => {
      await expect(repos.find(repo, oids[1]!)).rejects.toMatchObject({ status: 404 })
      expect((await repos.find(repo, 'new'))?.files.size).toBe(0)
    })
  })
})

test('as many files are kept in memory as are allowed; what is read at once is read once', async () => {
  const heads = ['a', 'b', 'c'].map((oid): CommitHead => ({
    oid,
    parent: null,
    title: '',
    date: '',
    replay: 0,
  }))
  const history = {
    commits: new Map(heads.map((head) => [head.oid, head])),
    branches: new Map(),
    tags: new Map(),
  }
  const changes = new Map(Array.from({ length: 6 }, (_, at) => [`${at}`, fileOf(at)]))
  const read: string[] = []
  const revisions = createRevisions<typeof history>(
    async (_, oid) => {
      read.push(oid)
      return [...writeCommit(history.commits.get(oid)!, { changes })].join('')
    },
    { most: 12 },
  )
  const ask = (at: number): Promise<unknown> => revisions.files(history, heads[at]!)
  await Promise.all([ask(0), ask(0), ask(1)])
  await ask(0)
  expect(read).toEqual(['a', 'b'])
  await ask(2)
  await ask(0)
  expect(read).toEqual(['a', 'b', 'c'])
  await ask(1)
  expect(read).toEqual(['a', 'b', 'c', 'b'])
})
