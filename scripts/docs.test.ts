import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'

import { expect, test } from 'vitest'

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
