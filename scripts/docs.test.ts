import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { describe, expect, test } from 'vitest'

import { drawings } from './drawings.ts'

const root = path.resolve(import.meta.dirname, '..')
const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((page) => existsSync(path.join(root, page)))

/** The anchors of a page: its headings, as GitHub names them. */
function anchorsOf(text: string): Set<string> {
  const headings = text.matchAll(/^#{1,6} (.+)$/gm)
  return new Set(
    [...headings].map(([, title = '']) =>
      title
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\- ]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** The dead links of a page. */
function deadLinks(page: string): string[] {
  const text = readFileSync(path.join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```/gm, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [to = '', anchor] = link.split('#', 2)
      const file = to === '' ? path.join(root, page) : path.resolve(root, path.dirname(page), to)
      if (!existsSync(file)) return true
      return anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).has(anchor)
    })
}

test.each(pages)('every link of %s leads to a file and a heading that exist', (page) => {
  expect(deadLinks(page)).toEqual([])
})

test('the files that docs/architecture.md lists in the order of a request exist', () => {
  const text = readFileSync(path.join(root, 'docs/architecture.md'), 'utf8')
  const lists = [...text.matchAll(/^(?:In files:|To read the main path file by file:)[^]*?\n\n/gm)]
  expect(lists).toHaveLength(3)
  for (const [list] of lists) {
    // A name without a folder is in the folder of the name before it.
    let folder = ''
    for (const [, name = ''] of list.matchAll(/`([^`]+)`/g)) {
      if (name.includes('/')) folder = path.dirname(name)
      const file = `${folder === 'sw' ? '' : 'src/'}${folder}/${path.basename(name)}.ts`
      expect(existsSync(path.join(root, file)), file).toBe(true)
    }
  }
})

test('every drawing is made from its text (npm run drawings)', async () => {
  for (const [file, svg] of await drawings()) {
    expect(readFileSync(file, 'utf8'), file).toBe(svg)
  }
})

test('the guide explains every error code', () => {
  const source = readFileSync(path.join(root, 'src/core/errors.ts'), 'utf8')
  const union = /export type FerryErrorCode =\n((?: {2}\| '.+\n)+)/.exec(source)?.[1] ?? ''
  const codes = [...union.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, code]) => code!)
  expect(codes.length).toBeGreaterThan(15)
  const guide = readFileSync(path.join(root, 'docs/guide.md'), 'utf8')
  const rows = guide.split('\n').filter((line) => line.startsWith('| `'))
  expect(
    codes.filter((code) => !rows.some((row) => row.split('|')[1]!.includes(`\`${code}\``))),
  ).toEqual([])
})

describe('docs/security.md', () => {
  const text = readFileSync(path.join(root, 'docs/security.md'), 'utf8')
  const plain = (part: string): string => part.replaceAll(/\s+/g, ' ').trim().toLowerCase()

  test('names tests that exist', () => {
    const named = [...text.matchAll(/`([\w./-]+\.(?:test|spec)\.ts)`(?:: ([^;|\n]+))?/g)]
    expect(named.length).toBeGreaterThan(30)
    const missing = named.filter(([, file = '', titles = '']) => {
      if (!existsSync(path.join(root, file))) return true
      const source = plain(readFileSync(path.join(root, file), 'utf8'))
      const groups = [...source.matchAll(/describe\('([^']+)'/g)].map(([, group]) => `${group} `)
      return titles.split(',').some((title) => {
        const wanted = plain(title).replace(/ \u2026$/, '')
        const within = groups.filter((group) => wanted.startsWith(group))
        return ![wanted, ...within.map((group) => wanted.slice(group.length))].some((words) =>
          source.includes(words),
        )
      })
    })
    expect(missing.map(([entry]) => entry)).toEqual([])
  })

  test('names attacks that npm run test:attack plays', () => {
    const played = readFileSync(path.join(root, 'scripts/test-attack.ts'), 'utf8')
    const named = [...text.matchAll(/attack: ([^;|\n]+)/g)].map(([, name = '']) => name.trim())
    expect(named.length).toBeGreaterThan(2)
    for (const name of named) expect(played).toContain(`'${name}'`)
  })
})
