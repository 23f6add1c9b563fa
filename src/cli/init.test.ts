import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { init, remove, explainFileError } from './init.ts'

let root: string
let said: string[]
let version: string

const output = { print: (line: string) => void said.push(line), note: () => undefined }
const read = async (name: string): Promise<string> => `/*! modelferry ${version} */ ${name}\n`
const copy = (folder?: string, script = false): Promise<void> =>
  init({ name: 'init', folder, script }, output, root, read)
const takeOut = (folder?: string, leave?: 'self-destroying' | 'clearing'): Promise<void> =>
  remove({ name: 'remove', folder, leave }, output, root)
const text = (name: string): Promise<string> => readFile(join(root, name), 'utf8')
const put = (name: string, what: string): Promise<void> => writeFile(join(root, name), what)

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'modelferry-init-'))
  said = []
  version = '1.0.0'
})

afterEach(() => rm(root, { recursive: true }))

test('copies the workers, records the folder, updates the copies, and removes them again', async () => {
  await put('package.json', '{\n\t"name": "app",\n\t"private": true\n}\n')
  await copy('./public/')
  expect(await readdir(join(root, 'public'))).toEqual(['modelferry-sw.js', 'modelferry-worker.js'])
  expect(await text('package.json')).toBe(
    '{\n\t"name": "app",\n\t"private": true,\n\t"modelferry": {\n\t\t"folders": [\n\t\t\t"public"\n\t\t]\n\t}\n}\n',
  )
  expect(said.join('\n')).toMatch(/copied[^]*npx modelferry init"[^]*connect\(\)/)

  version = '2.0.0'
  said = []
  await copy()
  expect(await text('public/modelferry-sw.js')).toContain('2.0.0')
  expect(said).toEqual(['public/modelferry-sw.js updated', 'public/modelferry-worker.js updated'])
  said = []
  await copy()
  expect(said[0]).toBe('public/modelferry-sw.js is up to date')

  await takeOut()
  expect(await readdir(join(root, 'public'))).toEqual([])
  expect(await text('package.json')).toBe('{\n\t"name": "app",\n\t"private": true\n}\n')
})

test("the page's script is copied on request, and updated from then on", async () => {
  await copy('site', true)
  version = '2.0.0'
  await copy('site')
  expect(await text('site/modelferry.js')).toContain('2.0.0')
  // Without a package.json nothing is recorded, and none is created.
  expect(await readdir(root)).toEqual(['site'])
  expect(said.join('\n')).toContain('run "npx modelferry init site".')
  await expect(copy()).rejects.toThrow('No folder is recorded')
})

test('overwrites and removes no foreign file', async () => {
  await mkdir(join(root, 'public'))
  await put('public/modelferry-worker.js', 'mine')
  await expect(copy('public')).rejects.toThrow(/modelferry-worker\.js is not from modelferry/)
  expect(await readdir(join(root, 'public'))).toEqual(['modelferry-worker.js'])
  await put('public/modelferry-sw.js', 'mine too')
  await expect(takeOut('public', 'clearing')).rejects.toThrow(/modelferry-sw\.js is not from/)
  await takeOut('public')
  expect(said.join('\n')).toContain('modelferry-worker.js is not from modelferry, so it stays')
  expect(await text('public/modelferry-sw.js')).toBe('mine too')
})

test('leaves a worker that unregisters itself, which a later init replaces', async () => {
  await copy('public')
  await takeOut('public', 'self-destroying')
  expect(await readdir(join(root, 'public'))).toEqual(['modelferry-sw.js'])
  expect(await text('public/modelferry-sw.js')).not.toContain('getDirectory')
  await takeOut('public', 'clearing')
  expect(await text('public/modelferry-sw.js')).toContain('getDirectory')
  await copy('public')
  expect(await text('public/modelferry-sw.js')).toContain('1.0.0')
  await takeOut('public', 'self-destroying')
  await takeOut('public')
  expect(await readdir(join(root, 'public'))).toEqual([])
})

test('a package.json that is not JSON is named in the error, and not written', async () => {
  await put('package.json', '{ "name": ')
  await expect(copy('public')).rejects.toThrow(/package\.json is not JSON.*Correct/)
  expect(await text('package.json')).toBe('{ "name": ')
  expect(await readdir(root)).toEqual(['package.json'])
})

test('two folders are both updated, and one of them can be removed', async () => {
  await put('package.json', '{}')
  await copy('site')
  await copy('apps/two', true)
  version = '2.0.0'
  await copy()
  for (const name of ['site/modelferry-sw.js', 'apps/two/modelferry.js'])
    expect(await text(name)).toContain('2.0.0')
  await takeOut('site')
  expect(await readdir(join(root, 'site'))).toEqual([])
  expect(JSON.parse(await text('package.json'))).toEqual({ modelferry: { folders: ['apps/two'] } })
})

test('a recorded folder that was deleted is created again', async () => {
  await put('package.json', '{}')
  await copy('public')
  await rm(join(root, 'public'), { recursive: true })
  await copy()
  expect(await readdir(join(root, 'public'))).toEqual(['modelferry-sw.js', 'modelferry-worker.js'])
})

test.each<[what: string, folder: string, message: RegExp]>([
  ['a file', 'page.html', /page\.html\/modelferry\S+ cannot .* is a file, not a folder/],
  ['below a file', 'page.html/x', /page\.html\/x\/modelferry\S+ cannot .* is a file, not a folder/],
  [
    'one with a folder in place of a copy',
    'odd',
    /modelferry-sw\.js cannot .* folder with this name/,
  ],
])(
  'the folder is %s: the error explains it, and nothing is copied or recorded',
  async (_, folder, message) => {
    await put('package.json', '{}')
    await put('page.html', 'mine')
    await mkdir(join(root, 'odd/modelferry-sw.js'), { recursive: true })
    for (const run of [copy, takeOut])
      await expect(run(folder)).rejects.toMatchObject({
        code: 'configuration',
        message: expect.stringMatching(message),
      })
    expect(await text('package.json')).toBe('{}')
    expect(await readdir(join(root, 'odd'))).toEqual(['modelferry-sw.js'])
  },
)

test.each(['null', '[]', '"app"'])(
  'a package.json that is %s is named in the error, and not written',
  async (manifest) => {
    await put('package.json', manifest)
    await expect(copy('public')).rejects.toThrow(/package\.json is not a JSON object.*Correct/)
    expect(await text('package.json')).toBe(manifest)
  },
)

const failed = (code: string): Error => Object.assign(new Error('failed'), { code })

test.each([
  ['EACCES', 'may not write there'],
  ['EPERM', 'may not write there'],
  ['EROFS', 'read-only'],
  ['ENOSPC', 'disk is full'],
  ['ENOTDIR', 'is a file, not a folder'],
  ['EEXIST', 'is a file, not a folder'],
  ['EISDIR', 'is a folder with this name'],
])('%s is explained', (code, words) => {
  const cause = failed(code)
  expect(explainFileError(cause, 'public/modelferry-sw.js')).toMatchObject({
    code: 'configuration',
    message: expect.stringMatching(new RegExp(`^public/modelferry-sw\\.js cannot .*${words}`)),
    cause,
  })
})

test('unknown errors are returned unchanged', () => {
  const error = failed('EIO')
  expect(explainFileError(error, 'public')).toBe(error)
})
