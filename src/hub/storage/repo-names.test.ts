import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HubRefusal } from '../refusals.ts'
import {
  canonicalKey,
  checkNewPath,
  checkPath,
  checkRefName,
  checkRepoName,
  checkRevision,
  parseRepoKey,
  readRepo,
  repoKey,
  RepoSet,
} from './repo-names.ts'

const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(fc.constantFrom('a', 'B', '0', '.', '..', '/', '-', '_', '\\', '\0', '%2f', 'refs/'), {
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
)

/** The result of a check; undefined when it refused with the status. */
function tried(check: (text: string) => string, text: string, status: number): string | undefined {
  try {
    return check(text)
  } catch (error) {
    if (!(error instanceof HubRefusal)) throw error
    expect(error.status).toBe(status)
    return undefined
  }
}

describe('repoKey', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,8}$/)
  const owner = fc.oneof(word, fc.constantFrom('models', 'Datasets', 'spaces', 'model'))
  const repo = fc.record({
    type: fc.constantFrom('model' as const, 'dataset' as const, 'space' as const),
    name: fc.oneof(
      word,
      fc.tuple(owner, word).map((parts) => parts.join('/')),
    ),
  })

  it('is parsed to the same repository', () => {
    fc.assert(
      fc.property(repo, (each) => {
        expect(parseRepoKey(repoKey(each))).toEqual(each)
      }),
    )
  })

  it('differs for different repositories, also if only their types differ', () => {
    const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other)
    fc.assert(
      fc.property(repo, repo, (one, other) => {
        expect(repoKey(one) === repoKey(other)).toBe(same(one, other))
      }),
    )
  })

  it('is compared without case', () => {
    expect(canonicalKey('Me/Vad')).toBe(canonicalKey({ type: 'model', name: 'me/VAD' }))
    expect(canonicalKey('Datasets/a/b')).toBe('datasets/a/b')
    const set = new RepoSet(['Me/Vad'])
    expect(set.has('me/vad')).toBe(true)
    expect(set.delete('ME/VAD')).toBe(true)
    expect(set.size).toBe(0)
  })
})

describe('names that become file names', () => {
  it.each([
    ['checkRepoName', checkRepoName, 400],
    ['checkRefName', checkRefName, 400],
    ['checkRevision', checkRevision, 404],
    ['checkPath', checkPath, 400],
  ] as const)('%s accepts no text that leaves its folder', (_, check, status) => {
    fc.assert(
      fc.property(anyText, (text) => {
        const name = tried(check, text, status)
        if (name === undefined) return
        expect(name).not.toMatch(/^\/|\/$|\/\/|\\/)
        expect(name.split('/')).not.toContain('..')
        // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
        expect(name).not.toMatch(/[\u0000-\u001f]/)
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['a', 'me/vad', 'A.b-c_d/0', 'a'.repeat(96)])('a repository may be named %s', (name) => {
    expect(checkRepoName(name)).toBe(name)
  })

  it.each(['', '/', 'a/', '/a', 'a/b/c', '.a', '-a', 'a..b', 'a b', 'ä', 'a'.repeat(97)])(
    'a repository may not be named %j',
    (name) => expect(() => checkRepoName(name)).toThrow(HubRefusal),
  )

  it.each(['main', 'v1.0', 'feature/x', 'a'.repeat(200)])('a branch may be named %s', (name) => {
    expect(checkRefName(name)).toBe(name)
  })

  it.each([
    'HEAD',
    'refs/pr/1',
    'ab'.repeat(20),
    'a.lock',
    'a//b',
    'a/',
    'a..b',
    // 200 characters, of which each slash becomes three.
    'a/'.repeat(99) + 'aa',
  ])('a branch may not be named %s', (name) => {
    expect(() => checkRefName(name)).toThrow(HubRefusal)
  })
})

describe('checkRevision', () => {
  it.each([
    ['HEAD', 'main'],
    ['refs/heads/dev', 'dev'],
    ['refs/pr/1', 'refs/pr/1'],
    ['ab'.repeat(20), 'ab'.repeat(20)],
  ])('%s is %s', (revision, name) => expect(checkRevision(revision)).toBe(name))

  it('treats an invalid name as a missing revision', () => {
    expect(() => checkRevision('a b')).toThrow(
      expect.objectContaining({ status: 404, code: 'RevisionNotFound' }),
    )
  })
})

describe('checkNewPath', () => {
  it('limits the parts of new paths only', () => {
    const deep = Array.from({ length: 65 }, () => 'a').join('/')
    expect(checkNewPath(deep.slice(2))).toBe(deep.slice(2))
    expect(() => checkNewPath(deep)).toThrow('at most 64 parts')
    expect(checkPath(deep)).toBe(deep)
  })

  it('limits the characters of all paths', () => {
    expect(checkPath('a'.repeat(1024))).toHaveLength(1024)
    expect(() => checkPath('a'.repeat(1025))).toThrow(HubRefusal)
  })
})

describe('readRepo', () => {
  it('joins organization and name, and reads a model by default', () => {
    expect(readRepo(undefined, 'me', 'vad')).toEqual({ type: 'model', name: 'me/vad' })
    expect(readRepo('dataset', undefined, 'me/vad')).toEqual({ type: 'dataset', name: 'me/vad' })
  })

  it.each([
    ['models', undefined, 'a'],
    ['model', 1, 'a'],
    ['model', undefined, undefined],
    ['model', 'me', 'you/vad'],
  ])('refuses type %j, organization %j, name %j', (type, organization, name) => {
    expect(() => readRepo(type, organization, name)).toThrow(
      expect.objectContaining({ status: 400 }),
    )
  })
})
