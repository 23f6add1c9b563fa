import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FileEntry } from '../context.ts'
import {
  below,
  contains,
  containsFolder,
  entriesOf,
  inOrder,
  layered,
  LayeredFiles,
  pathsOf,
} from './entries.ts'

const name = fc.constantFrom('a', 'b', 'a.b', 'a-b', 'a0', 'ab', 'ä', '😀')
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'))

/** Paths of files, none of which is a folder of another. */
const paths = fc
  .uniqueArray(path, { maxLength: 12 })
  .map((list) =>
    list.filter((each) => !list.some((other) => other.startsWith(`${each}/`))).toSorted(),
  )

const foldersOf = (file: string): string[] =>
  file.split('/').flatMap((_, at, parts) => (at === 0 ? [] : [`${parts.slice(0, at).join('/')}/`]))

/** All entries below a folder, made at once. */
function allEntries(list: readonly string[], folder: string, recursive: boolean): string[] {
  const base = folder === '' ? '' : `${folder}/`
  const entries = new Set(list.flatMap((file) => [...foldersOf(file), file]))
  return [...entries]
    .filter((entry) => entry.startsWith(base) && entry !== base)
    .filter((entry) => recursive || !entry.slice(base.length, -1).includes('/'))
    .toSorted()
}

describe('entriesOf', () => {
  it('lists what a list of all entries has, from any entry on', () => {
    fc.assert(
      fc.property(
        paths,
        fc.oneof(fc.constant(''), path),
        fc.boolean(),
        fc.nat(20),
        (list, folder, recursive, skip) => {
          const expected = allEntries(list, folder, recursive)
          expect([...entriesOf(list, { folder, recursive })]).toEqual(expected)
          const after = expected[skip]
          if (after === undefined) return
          expect([...entriesOf(list, { folder, recursive, after })]).toEqual(
            expected.slice(skip + 1),
          )
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('ordered paths', () => {
  it('are searched like an unordered list', async () => {
    await fc.assert(
      fc.asyncProperty(paths, path, async (list, wanted) => {
        const ordered = await inOrder(list.toReversed())
        expect(ordered).toEqual(list)
        const inFolder = list.filter((each) => each.startsWith(`${wanted}/`))
        expect([...below(ordered, `${wanted}/`)]).toEqual(inFolder)
        expect(containsFolder(ordered, wanted)).toBe(inFolder.length > 0)
        expect(contains(ordered, wanted)).toBe(inFolder.length > 0 || list.includes(wanted))
      }),
    )
  })
})

describe('layered', () => {
  const entry = (oid: number): FileEntry => ({ oid: String(oid).padStart(40, '0'), size: oid })
  const files = fc
    .array(fc.tuple(path, fc.nat(9)), { maxLength: 6 })
    .map((list) => new Map(list.map(([key, oid]) => [key, entry(oid)])))
  const changes = fc
    .array(fc.tuple(path, fc.option(fc.nat(9))), { maxLength: 6 })
    .map((list) => new Map(list.map(([key, oid]) => [key, oid === null ? null : entry(oid)])))

  it('equals a copy with the changes applied, over any number of layers', async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.array(changes, { maxLength: 4 }), async (base, layers) => {
        const copy = new Map(base)
        let seen: ReadonlyMap<string, FileEntry> = base
        for (const layer of layers) {
          seen = await layered(seen, layer)
          for (const [key, value] of layer) {
            if (value === null) copy.delete(key)
            else copy.set(key, value)
          }
        }
        expect(new Map(seen)).toEqual(copy)
        expect(seen.size).toBe(copy.size)
        expect(await pathsOf(seen)).toEqual([...copy.keys()].toSorted())
        for (const key of [...copy.keys(), 'none']) {
          expect(seen.get(key)).toEqual(copy.get(key))
          expect(seen.has(key)).toBe(copy.has(key))
        }
        // Layers share one base, so that no chain grows with the number of commits.
        if (seen instanceof LayeredFiles) expect(seen.base).toBe(base)
      }),
      { numRuns: 300 },
    )
  })
})
