import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FileEntry, NewCommit } from '../context.ts'
import type { CommitHead } from './commit-file.ts'
import {
  applied,
  commitOf,
  headOf,
  type History,
  lastChangesOf,
  startOf,
  unreachable,
} from './history.ts'

const idOf = (at: number): string => at.toString(16).padStart(2, '0').repeat(20)

function headAt(at: number, parent: number | null): CommitHead {
  const date = '2026-11-22T08:00:00.000Z'
  return { oid: idOf(at), parent: parent === null ? null : idOf(parent), title: `${at}`, date }
}

/** Commits 1 and 2 on `main`, 3 after 1 on `dev`, 4 alone; the tag `v1` is at 1. */
function historyOf(more: Partial<History> = {}): History {
  const heads = [headAt(1, null), headAt(2, 1), headAt(3, 1), headAt(4, null)]
  return {
    commits: new Map(heads.map((each) => [each.oid, each])),
    branches: new Map([
      ['main', idOf(2)],
      ['dev', idOf(3)],
      ['refs/pr/4', idOf(3)],
    ]),
    tags: new Map([['v1', idOf(1)]]),
    ...more,
  }
}

const commit = (more: Partial<NewCommit> = {}): NewCommit => ({
  title: 't',
  branch: 'main',
  changes: new Map(),
  ...more,
})

describe('commitOf', () => {
  test.each([
    ['main', 2],
    ['v1', 1],
    ['refs/tags/v1', 1],
    [idOf(4), 4],
    [idOf(3).slice(0, 7), 3],
  ])('%s is commit %i', (revision, at) => {
    expect(commitOf(historyOf(), revision)?.oid).toBe(idOf(at))
  })

  test.each(['none', 'refs/tags/main', idOf(3).slice(0, 6), 'f'.repeat(40)])(
    '%s is none',
    (revision) => expect(commitOf(historyOf(), revision)).toBeUndefined(),
  )

  test('is none for digits that several commits begin with', () => {
    const repo = historyOf()
    const twin = { ...headAt(3, 1), oid: `${idOf(3).slice(0, 39)}f` }
    repo.commits.set(twin.oid, twin)
    expect(commitOf(repo, idOf(3).slice(0, 12))).toBeUndefined()
  })

  test('of a damaged commit is refused with 500, not as a missing one', () => {
    const repo = historyOf({ damaged: new Set([idOf(2)]) })
    for (const find of [() => commitOf(repo, 'main'), () => headOf(repo, 'main')])
      expect(find).toThrow(expect.objectContaining({ status: 500 }))
    expect(commitOf(repo, 'dev')?.oid).toBe(idOf(3))
  })
})

describe('startOf', () => {
  test.each<[string, Partial<NewCommit>, { branch: string; base: number }]>([
    ['a branch', {}, { branch: 'main', base: 2 }],
    ['a parent by its first digits', { parent: idOf(2).slice(0, 7) }, { branch: 'main', base: 2 }],
    ['a new branch from main', { branch: 'new', start: 'branch' }, { branch: 'new', base: 2 }],
    [
      'a new branch from a parent',
      { branch: 'new', start: 'branch', parent: 'v1' },
      { branch: 'new', base: 1 },
    ],
    ['the next pull request', { start: 'pull-request' }, { branch: 'refs/pr/5', base: 2 }],
  ])('%s', (_, change, { branch, base }) => {
    const start = startOf(historyOf(), commit(change))
    expect([start.branch, start.base?.oid]).toEqual([branch, idOf(base)])
  })

  test('the first commit of a repository is on main, without a parent', () => {
    expect(startOf(undefined, commit())).toEqual({ branch: 'main' })
  })

  test.each<[string, History | undefined, Partial<NewCommit>, number]>([
    ['a parent that is not the newest', historyOf(), { parent: idOf(1) }, 412],
    ['too few digits of a parent', historyOf(), { parent: idOf(2).slice(0, 6) }, 412],
    ['a branch that does not exist', historyOf(), { branch: 'none' }, 404],
    ['another branch than main first', undefined, { branch: 'dev' }, 404],
    ['a repository that was deleted meanwhile', undefined, { existing: true }, 404],
    ['a name that differs only in case', historyOf(), { branch: 'DEV', start: 'branch' }, 409],
    ['a pull request for no branch', historyOf(), { branch: 'no', start: 'pull-request' }, 404],
  ])('refuses %s', (_, repo, change, status) => {
    expect(() => startOf(repo, commit(change))).toThrow(expect.objectContaining({ status }))
  })
})

describe('applied', () => {
  const entry = (at: number): FileEntry => ({ oid: idOf(at), size: at })
  const base = new Map([
    ['a', entry(1)],
    ['d/b', entry(2)],
    ['d/e/c', entry(3)],
  ])

  test('sets and deletes in order, and tells what has changed in the end', async () => {
    const asked = new Map([
      ['new', entry(4)],
      ['d/', null],
      ['d/b', entry(5)],
    ])
    const { files, changes } = await applied(base, asked)
    expect([...files.keys()].toSorted()).toEqual(['a', 'd/b', 'new'])
    expect(new Map(changes)).toEqual(
      new Map([
        ['new', entry(4)],
        ['d/b', entry(5)],
        ['d/e/c', null],
      ]),
    )
    expect(base.size).toBe(3)
  })

  test.each<[string, [string, FileEntry | null][], number]>([
    ['a file that is not there', [['x', null]], 404],
    ['an empty folder', [['x/', null]], 404],
    ['a file below a file', [['a/b', entry(9)]], 400],
    ['a file in place of a folder', [['d', entry(9)]], 400],
    ['too many folders', Array.from({ length: 1001 }, (_, at) => [`${at}/`, null]), 413],
  ])('refuses %s', async (_, asked, status) => {
    const folders = asked.map(([path]): [string, FileEntry] => [`${path}f`, entry(1)])
    const files = status === 413 ? new Map(folders) : base
    await expect(applied(files, new Map(asked))).rejects.toMatchObject({ status })
  })

  test('the changes lead from the files before to the files after', async () => {
    const path = fc.constantFrom('a', 'b', 'c/a', 'c/b', 'd/e/f')
    const change = fc.tuple(path, fc.option(fc.nat(9)))
    await fc.assert(
      fc.asyncProperty(fc.array(path), fc.array(change), async (paths, list) => {
        const before = new Map<string, FileEntry>(paths.map((each, at) => [each, entry(at)]))
        const asked = new Map(
          list
            .filter(([each, at]) => at !== null || before.has(each))
            .map(([each, at]) => [each, at === null ? null : entry(at)]),
        )
        const { files, changes } = await applied(before, asked)
        const after = new Map(before)
        for (const [each, value] of changes) {
          if (value === null) expect(after.delete(each)).toBe(true)
          else after.set(each, value)
        }
        expect(new Map(files)).toEqual(after)
      }),
    )
  })
})

test('commits are unreachable that no branch and no tag leads to, unless a damaged one may', () => {
  const repo = historyOf()
  expect(unreachable(repo)).toEqual([idOf(4)])
  repo.branches.delete('dev')
  repo.branches.delete('refs/pr/4')
  expect(unreachable(repo)).toEqual([idOf(3), idOf(4)])
  expect(unreachable({ ...repo, damaged: new Set([idOf(9)]) })).toEqual([])
})

test('the last commit of a path is the newest that changes it, or a file below it', async () => {
  const path = fc.constantFrom('a', 'b/c', 'b/d', 'b/d2', 'e/f/g')
  const asked = ['a', 'b', 'b/c', 'b/d', 'e', 'e/f', 'e/f/g', 'none']
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uniqueArray(path), { maxLength: 6 }), async (changed) => {
      const history = changed.map((_, at) => headAt(at + 1, at === 0 ? null : at)).toReversed()
      const pathsOf = (at: number): string[] => changed[at - 1]!.toSorted()
      const last = await lastChangesOf(history, asked, async ({ title }) => pathsOf(Number(title)))
      for (const each of asked) {
        const found = history.find(({ title }) =>
          pathsOf(Number(title)).some((one) => one === each || one.startsWith(`${each}/`)),
        )
        expect(last.get(each)?.oid).toBe(found?.oid)
      }
    }),
  )
})
