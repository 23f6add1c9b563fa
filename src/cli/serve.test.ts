import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseCommand } from './command.ts'
import { rightsOf, serve } from './serve.ts'

test.each([
  ['no token', false, ['write:*'], null],
  ['a token without scopes', true, [], { read: [], write: [] }],
  [
    'a token for some repositories',
    true,
    ['read:*', 'write:me/vad', 'write:datasets/me/x', 'other', 'xread:y'],
    { read: ['*'], write: ['me/vad', 'datasets/me/x'] },
  ],
])('%s', (_, tokenAuth, scope, rights) => {
  expect(rightsOf({ tokenAuth, scope })).toEqual(rights)
})

test.each([
  ['0.0.0.0', [], 'may read every public repository'],
  ['0.0.0.0', ['--open'], 'may write and delete every repository'],
  ['127.0.0.2', ['--open'], undefined],
])('a hub without a gateway on %s with %j warns: %s', async (host, options, warning) => {
  const home = await mkdtemp(join(tmpdir(), 'modelferry-serve-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const args = ['serve', join(home, 'hub'), '--port', '0', '--host', host, ...options]
  const command = parseCommand(args)
  if (command.name !== 'serve') throw new Error(command.name)
  const notes: string[] = []
  const output = { print: () => undefined, note: (text: string) => void notes.push(text) }
  await serve(command, output, Promise.resolve())
  const warnings = notes.filter((text) => text.includes('every'))
  expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)])
})
