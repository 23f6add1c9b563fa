import { expect, test, describe } from 'vitest'
import type { KnownPath } from '../store/store.ts'
import { chooseRevision, isFresh } from './kept-answers.ts'
import type { Refusal } from '../data/index.ts'

/** `a b` complete, `(c)` partial, `?d` only metadata, `-e` known to be missing. */
function paths(text: string): KnownPath[] {
  return text
    .split(' ')
    .filter((each) => each !== '')
    .map((each) => {
      const state = each.startsWith('(')
        ? 'partial'
        : each.startsWith('?')
          ? 'info'
          : each.startsWith('-')
            ? 'none'
            : 'complete'
      return { path: each.replaceAll(/[()?-]/g, ''), state }
    })
}

test.for([
  ['the only one, with any files', [''], 0],
  ['both complete', ['a b', 'a b'], 0],
  ['a file of the newest is missing', ['a', 'a b'], 1],
  ['a file of the newest is partial', ['a (b)', 'a b'], 1],
  ['of a file of the newest only the size is known', ['a ?b', 'a b'], 1],
  ['the newest has an additional file', ['a b c', 'a b'], 0],
  ['the newest no longer has the file', ['a -b', 'a b'], 0],
  ['the older one was never complete itself', ['a', '(a) ?b -c'], 0],
  ['neither the newest nor the older one has a file on the device', ['', '?a'], 0],
  ['the middle one is complete', ['', 'a b', 'a'], 1],
  ['the oldest alone is complete', ['a', 'b', 'a b'], 2],
  ['each lacks something of an older one', ['a', 'b', 'c'], 2],
] as const)('%s', ([, revisions, chosen]) => {
  const known = revisions.map((text, index) => ({ commit: `${index}`, paths: paths(text) }))
  expect(chooseRevision(known)).toBe(`${chosen}`)
})

describe('isFresh', () => {
  const url = 'https://hub.example/me/m/resolve/main/model.onnx'
  function refusal(status: number, ...headers: [string, string][]): Refusal {
    return { status, statusText: '', headers, body: new Uint8Array() }
  }

  const pinned = `https://hub.example/me/m/resolve/${'a'.repeat(40)}/model.onnx`
  const minute = 60_000
  test.each([
    ['a branch checked now', url, 0, true],
    ['a branch checked 4 minutes ago', url, 4 * minute, true],
    ['a branch checked 5 minutes ago', url, 5 * minute, false],
    ['a branch checked slightly in the future', url, -minute, true],
    ['a branch checked far in the future', url, -60 * minute, false],
    ['a commit checked a year ago', pinned, 525_600 * minute, true],
  ])('%s', (_, address, ago, fresh) => {
    expect(isFresh({ url: address, checkedAt: 1e12 - ago }, 1e12)).toBe(fresh)
  })

  test.each([
    ['a file that is missing in its commit', 'EntryNotFound', pinned, true],
    ['a missing file, possibly reported by a server in front', undefined, pinned, false],
    ['a commit that may be pushed later', 'RevisionNotFound', pinned, false],
    ['a repository that may be created later', 'RepoNotFound', pinned, false],
    ['a file that a branch may get later', 'EntryNotFound', url, false],
    ['a file that a server may get later', undefined, 'https://cdn.example/model.onnx', false],
  ])('an hour ago: %s', (_, code, address, fresh) => {
    const headers: [string, string][] = code === undefined ? [] : [['x-error-code', code]]
    const refusal = { status: 404, statusText: '', headers, body: new Uint8Array() }
    expect(isFresh({ url: address, checkedAt: 0, refusal }, 60 * minute)).toBe(fresh)
  })

  const found = { content: 'sha256:1' }
  test.each([
    ['whose hub names the commit', { ...found, commit: 'a' }, true],
    ['whose ETag is readable', { ...found, etag: '"1"' }, true],
    ['without a readable header of a hub', found, false],
    ['of a Xet file', { content: 'xet:1' }, true],
  ])('an hour ago, a small file of a commit %s', (_, info, fresh) => {
    expect(isFresh({ url: pinned, checkedAt: 0, info }, 60 * minute)).toBe(fresh)
  })

  test.each([url, 'https://cdn.example/model.onnx'])(
    'that there is no file is never taken for granted where no commit is named: %s',
    (address) => {
      const none = refusal(404, ['x-error-code', 'EntryNotFound'])
      expect(isFresh({ url: address, checkedAt: 1e12, refusal: none }, 1e12)).toBe(false)
    },
  )
})
