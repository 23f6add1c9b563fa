import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

import ts from 'typescript'
import { describe, expect, test } from 'vitest'

import { isWeights, weightEndings } from '../src/address/index.ts'
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

test('the extensions that docs/api.md lists are those by which a file is a model file', () => {
  const text = readFileSync(path.join(root, 'docs/api.md'), 'utf8')
  const [, list = ''] = /ends with one of\n\n(.+)\n/.exec(text) ?? []
  const listed = [...list.matchAll(/`([^`]+)`/g)].map(([, ending = '']) => ending)
  const external = ['.onnx_data', '.onnx.data']
  expect(listed).toEqual([...weightEndings, ...external])
  for (const ending of [...listed, '.onnx_data_1', '.onnx.data_12'])
    expect(isWeights(`/model${ending}`), ending).toBe(true)
  expect(isWeights('/model.bin')).toBe(false)
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

test('every line of code in docs/clients.md is run by a test with its library', () => {
  /** Code without its indentation. */
  const flat = (code: string): string => code.replaceAll(/^\s+/gm, '').trim()
  const folder = path.join(root, 'e2e')
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => flat(readFileSync(path.join(folder, name), 'utf8')))
  const text = readFileSync(path.join(root, 'docs/clients.md'), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => flat(code))
  expect(blocks.length).toBeGreaterThan(5)
  expect(blocks.filter((block) => !sources.some((source) => source.includes(block)))).toEqual([])
})

describe('docs/api.md', () => {
  const text = readFileSync(path.join(root, 'docs/api.md'), 'utf8')

  /** The names in code of a section's rows: of the first cell, or of all cells. */
  function named(section: string, all: boolean): Set<string> {
    const [, body = ''] = text.split(new RegExp(`^#+ ${section}\\n`, 'm'))
    const rows = body.split(/^#/m, 1)[0]!.match(/^\| `.*$/gm) ?? []
    const cells = rows.map((row) => (all ? row : row.split(' | ', 1)[0]!))
    const codes = cells.flatMap((cell) => cell.match(/`[^`]+`/g) ?? [])
    return new Set(codes.map((code) => code.slice(1, -1).split('(', 1)[0]!))
  }

  /** The public members of an interface or a class of a source file. */
  function membersOf(file: string, name: string): string[] {
    const source = readFileSync(path.join(root, file), 'utf8')
    const { statements } = ts.createSourceFile(file, source, ts.ScriptTarget.Latest)
    const found = statements.find(
      (one) =>
        (ts.isInterfaceDeclaration(one) || ts.isClassDeclaration(one)) && one.name?.text === name,
    ) as ts.InterfaceDeclaration | ts.ClassDeclaration
    const names = [...found.members].flatMap((member) =>
      member.name && ts.isIdentifier(member.name) ? [member.name.text] : [],
    )
    return [...new Set(names)].filter((one) => one !== 'then')
  }

  const codes = (): string[] => {
    const source = readFileSync(path.join(root, 'src/core/errors.ts'), 'utf8')
    const union = /export type FerryErrorCode =\n((?: {2}\| '.+\n)+)/.exec(source)?.[1] ?? ''
    return [...union.matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(([, code]) => code!)
  }

  const attributes = (): string[] => {
    const source = readFileSync(path.join(root, 'src/page/auto.ts'), 'utf8')
    const names = [...source.matchAll(/(?:data\[|list\()'(\w+)'/g)].map(([, name]) => name!)
    return names.map((name) => `data-${name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`)
  }
  interface Row {
    readonly what: string
    readonly names: string[]
    readonly section: string
    /** Whether all cells count, not only the first. */
    readonly all?: boolean
  }

  const files = 'src/data/index.ts'
  const connecting = String.raw`connect\(\)`
  const row = (what: string, names: string[], section: string, all = false): Row => ({
    what,
    names,
    section,
    all,
  })
  const rows: readonly Row[] = [
    row('option of connect()', membersOf('src/page/options.ts', 'ConnectOptions'), connecting),
    row('option of the loader', membersOf('src/protocol/messages.ts', 'LoaderOptions'), connecting),
    row('retry option', membersOf('src/net/attempt.ts', 'RetryPolicy'), 'retry'),
    row('attribute of the script tag', attributes(), 'Script tag'),
    row('plugin option', membersOf('src/vite/options.ts', 'PluginOptions'), 'Vite plugin'),
    row(
      'option of install()',
      membersOf('sw/attach.ts', 'InstallOptions'),
      String.raw`install\(\)`,
    ),
    row('member of Ferry', membersOf('src/page/ferry.ts', 'Ferry'), 'Connection'),
    row('member of Prefetch', membersOf('src/page/prefetch.ts', 'Prefetch'), 'Connection', true),
    row('member of Update', membersOf('src/page/prefetch.ts', 'Update'), 'Connection', true),
    ...['HeldFile', 'VerifyReport', 'DeviceUsage', 'KeptCopy', 'FileChange'].map((name) =>
      row(`field of ${name}`, membersOf(files, name), 'Connection', true),
    ),
    row('field of Explanation', membersOf(files, 'Explanation'), String.raw`explain\(\)`),
    row('event', membersOf(files, 'FerryEventMap'), 'Events'),
    row('field of a fault', membersOf(files, 'ErrorData'), 'Events', true),
    row('error code', codes(), 'Error codes'),
  ]

  test.each(rows)('lists every $what', ({ names, section, all = false }) => {
    expect(names.length).toBeGreaterThan(1)
    const listed = named(section, all)
    expect(names.filter((name) => !listed.has(name))).toEqual([])
  })

  test('lists no option, method, event or code that does not exist', () => {
    const exact = rows.filter(({ all }) => !all)
    for (const { section } of exact) {
      const same = exact.filter((one) => one.section === section)
      const known = new Set(same.flatMap(({ names }) => names))
      expect([...named(section, false)].filter((name) => !known.has(name))).toEqual([])
    }
  })
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
