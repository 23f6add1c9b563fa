import { expect, test } from 'vitest'
import type { KnownPath } from '../store/store.ts'
import { chooseRevision } from './kept-answers.ts'

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
