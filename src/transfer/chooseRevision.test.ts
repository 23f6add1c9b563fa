import { expect, test } from 'vitest'
import type { KnownPath } from '../store/store.ts'
import { chooseRevision } from './kept-answers.ts'

/** `a b` complete, `(c)` partial, `?d` only told, `-e` known to be none. */
function paths(text: string): KnownPath[] {
  return text
    .split(' ')
    .filter((each) => each !== '')
    .map((each) => {
      const state = each.startsWith('(')
        ? 'partial'
        : each.startsWith('?')
          ? 'told'
          : each.startsWith('-')
            ? 'none'
            : 'complete'
      return { path: each.replaceAll(/[()?-]/g, ''), state }
    })
}

test.for([
  ['the only one, whatever it has', [''], 0],
  ['both complete', ['a b', 'a b'], 0],
  ['a file of the newest is missing', ['a', 'a b'], 1],
  ['a file of the newest is half here', ['a (b)', 'a b'], 1],
  ['of a file of the newest only the size is known', ['a ?b', 'a b'], 1],
  ['the newest has another file as well', ['a b c', 'a b'], 0],
  ['the newest has no such file any more', ['a -b', 'a b'], 0],
  ['the older one was never complete itself', ['a', '(a) ?b -c'], 0],
  ['nothing of the newest is here, nor of the older one', ['', '?a'], 0],
  ['the middle one is complete', ['', 'a b', 'a'], 1],
  ['the oldest alone is complete', ['a', 'b', 'a b'], 2],
  ['each lacks something of an older one', ['a', 'b', 'c'], 2],
] as const)('%s', ([, revisions, chosen]) => {
  const known = revisions.map((text, index) => ({ commit: `${index}`, paths: paths(text) }))
  expect(chooseRevision(known)).toBe(`${chosen}`)
})
