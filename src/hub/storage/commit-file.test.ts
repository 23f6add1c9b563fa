import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { readHead, readLists, writeCommit } from './commit-file.ts'
import type { CommitHead, CommitLists, Files } from './commit-file.ts'

const head: CommitHead = {
  oid: 'a'.repeat(40),
  parent: null,
  title: '"changes":{\n},"files":{\n',
  date: '2030-01-01',
  replay: 7,
}

function filesOf(paths: readonly string[]): Files {
  return new Map(paths.map((path, size) => [path, { oid: 'b'.repeat(40), size }]))
}

function write(lists: CommitLists): string {
  return [...writeCommit(head, lists)].join('')
}

async function headOf(text: string): Promise<CommitHead> {
  const home = await mkdtemp(join(tmpdir(), 'modelferry-commit-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  await writeFile(join(home, 'commit'), text)
  return readHead(join(home, 'commit'))
}

test('a commit is read as it was written, whatever its files are called', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.string()),
      fc.uniqueArray(fc.string()),
      async (set, deleted) => {
        const files = filesOf(set)
        const changes = new Map([
          ...files,
          ...deleted.map((path): [string, null] => [`deleted ${path}`, null]),
        ])
        expect(await readLists(write({ changes }))).toEqual({ changes })
        expect(await readLists(write({ changes, files }))).toEqual({ changes, files })
      },
    ),
  )
  const odd = filesOf(['__proto__', 'constructor', '}}', '\n}}', ',"files":{\n', '},"files":{'])
  expect(await readLists(write({ changes: odd, files: odd }))).toEqual({ changes: odd, files: odd })
  expect(JSON.parse(write({ changes: odd }))).toMatchObject(head)
})

test('its first line is read alone, however long it is', async () => {
  const changes = filesOf(['a'])
  expect(await headOf(write({ changes, files: changes }))).toEqual(head)
  const long = { ...head, message: 'é'.repeat(9000) }
  expect(await headOf([...writeCommit(long, { changes })].join(''))).toEqual(long)
})

test('one with many files is written in slices, and read again', async () => {
  const changes = filesOf(Array.from({ length: 2500 }, (_, at) => `folder/${at}`))
  const slices = [...writeCommit(head, { changes })]
  expect(slices.length).toBeGreaterThan(2)
  expect(await readLists(slices.join(''))).toEqual({ changes })
})

test('one of an older folder is read; a damaged one is refused', async () => {
  const files = filesOf(['a', 'b'])
  const { replay: _, ...older } = head
  const whole = JSON.stringify({ ...older, files: Object.fromEntries(files) })
  const lines = [...writeCommit(older, { files })].join('')
  for (const text of [whole, lines]) {
    expect(await readLists(text)).toEqual({ files })
    expect(await headOf(text)).toEqual(older)
  }
  for (const length of [10, lines.length - 1, lines.length - 3, lines.length - 40]) {
    await expect(readLists(lines.slice(0, length))).rejects.toThrow(SyntaxError)
  }
})
