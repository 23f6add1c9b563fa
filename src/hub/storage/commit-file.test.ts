import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCommit, writeCommit } from './commit-file.ts'
import type { Commit } from '../context.ts'

const head = { oid: 'a'.repeat(40), parent: null, title: '"files":{\n', date: '2030-01-01' }

function commitOf(paths: readonly string[]): Commit {
  const files = paths.map((path, size) => [path, { oid: 'b'.repeat(40), size }])
  return { ...head, files: Object.fromEntries(files) as Commit['files'] }
}

test('a commit is read as it was written, whatever its files are called', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.string()), async (paths) => {
      const commit = commitOf(paths)
      const text = [...writeCommit(commit)].join('')
      expect(JSON.parse(text)).toEqual(commit)
      expect(await readCommit(text)).toEqual(commit)
    }),
  )
  const odd = commitOf(['__proto__', 'constructor', '}}', '\n}}', ',"files":{\n'])
  const read = await readCommit([...writeCommit(odd)].join(''))
  expect(Object.keys(read.files)).toEqual(Object.keys(odd.files))
})

test('one with many files is written in slices, and read again', async () => {
  const commit = commitOf(Array.from({ length: 2500 }, (_, at) => `folder/${at}`))
  const slices = [...writeCommit(commit)]
  expect(slices.length).toBeGreaterThan(2)
  expect(await readCommit(slices.join(''))).toEqual(commit)
})

test('one of an older folder, without lines, is read; a damaged one is refused', async () => {
  const commit = commitOf(['a', 'b'])
  expect(await readCommit(JSON.stringify(commit))).toEqual(commit)
  const text = [...writeCommit(commit)].join('')
  for (const length of [10, text.length - 3, text.length - 40]) {
    await expect(readCommit(text.slice(0, length))).rejects.toThrow(SyntaxError)
  }
})
