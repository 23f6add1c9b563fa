import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
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

test('without --config, variables of a gateway and misspelt ones are reported by name', async () => {
  const home = await mkdtemp(join(tmpdir(), 'modelferry-serve-'))
  vi.stubEnv('MODELFERRY_QUEUE_CONCURRENCY', '7s3cr3t')
  vi.stubEnv('MODELFERRY_LISTEN_PROT', '1')
  vi.stubEnv('MODELFERRY_LISTEN_HOST', '127.0.0.1')
  onTestFinished(async () => {
    vi.unstubAllEnvs()
    await rm(home, { recursive: true, force: true })
  })
  const command = parseCommand(['serve', join(home, 'hub'), '--port', '0'])
  if (command.name !== 'serve') throw new Error(command.name)
  const notes: string[] = []
  const output = { print: () => undefined, note: (text: string) => void notes.push(text) }
  await serve(command, output, Promise.resolve())
  const [ignored = ''] = notes.filter((text) => text.startsWith('Ignored'))
  expect(ignored).toContain('MODELFERRY_QUEUE_CONCURRENCY, MODELFERRY_LISTEN_PROT.')
  expect(ignored).not.toMatch(/7s3cr3t|LISTEN_HOST/)
})
