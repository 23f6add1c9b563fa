import { expect, test } from 'vitest'
import { parseCommand } from './command.ts'

const plain = {
  name: 'serve',
  folder: 'models',
  port: 8787,
  storagePort: 8788,
  host: '127.0.0.1',
  urlLifetimeMs: 3_600_000,
  drainMs: 10_000,
  controls: false,
  open: false,
  listings: false,
}

test.each([
  ['', { name: 'help' }],
  ['serve --help', { name: 'help' }],
  ['--version', { name: 'version' }],
  ['serve models', plain],
  ['serve models --open', { ...plain, open: true }],
  ['serve models --port 0', { ...plain, port: 0, storagePort: 0 }],
  ['serve --port 9000 models', { ...plain, port: 9000, storagePort: 9001 }],
  [
    'serve models --storage-port 5 --host ::1 --url-lifetime 1 --controls',
    { ...plain, storagePort: 5, host: '::1', urlLifetimeMs: 1000, controls: true },
  ],
  [
    'serve models --config g.json --shared-config s.json --environment staging',
    {
      ...plain,
      gateway: { config: 'g.json', sharedConfig: 's.json', environment: 'staging' },
    },
  ],
  [
    'serve models --url https://Models.example/ --storage-url https://storage.example:8443 --drain 0',
    {
      ...plain,
      url: 'https://models.example',
      storageUrl: 'https://storage.example:8443',
      drainMs: 0,
    },
  ],
  ['init', { name: 'init', folder: undefined, script: false }],
  ['init public --script', { name: 'init', folder: 'public', script: true }],
  ['remove', { name: 'remove', folder: undefined, leave: undefined }],
  ['remove a --self-destroy', { name: 'remove', folder: 'a', leave: 'self-destroying' }],
  ['remove --self-destroy --clear', { name: 'remove', folder: undefined, leave: 'clearing' }],
  ['serve models --config g.json', { ...plain, gateway: { config: 'g.json' } }],
])('modelferry %s', (line, command) => {
  expect(parseCommand(line.split(' ').filter((word) => word !== ''))).toEqual(command)
})

test.each([
  ['dance', 'no command "dance"'],
  ['serve', 'Name the folder'],
  ['serve a b', '"b" is an unexpected argument'],
  ['serve a --port x', '--port takes a whole number from 0 to 65535, not "x"'],
  ['serve a --port 70000', '--port'],
  ['serve a --url-lifetime 0', '--url-lifetime takes a whole number from 1'],
  ['serve a --colour', '--colour'],
  ['serve a --storage-url storage.example', '--storage-url takes an origin such as https://'],
  ['serve a --url https://models.example/path', '--url takes an origin'],
  ['serve a --drain x', '--drain takes a whole number'],
  ['serve a --clear', '--clear is not an option of modelferry serve'],
  ['init a --port 1', '--port is not an option of modelferry init'],
  ['init a b', '"b" is an unexpected argument'],
  ['remove --clear', 'works only with --self-destroy'],
  ['serve a --environment staging', 'add --config'],
  ['serve a --open --config g.json', '--open has no effect with --config'],
  ['serve a --shared-config s.json', '--shared-config is for a gateway'],
])('modelferry %s is refused with an explanation', (line, why) => {
  expect(() => parseCommand(line.split(' '))).toThrow(why)
})

test('port and host have variables, which options override', () => {
  const variables = { MODELFERRY_LISTEN_PORT: '9000', MODELFERRY_LISTEN_HOST: '0.0.0.0' }
  const parse = (args: string, given: Record<string, string>): unknown =>
    parseCommand(args.split(' '), given)
  const there = { ...plain, port: 9000, storagePort: 9001, host: '0.0.0.0' }
  expect(parse('serve models', variables)).toEqual(there)
  expect(parse('serve models --port 5 --host ::1', variables)).toEqual({
    ...plain,
    port: 5,
    storagePort: 6,
    host: '::1',
  })
  expect(() => parse('serve models', { MODELFERRY_LISTEN_PORT: 'x' })).toThrow(
    'MODELFERRY_LISTEN_PORT takes a whole number',
  )
  // Variables that a cluster sets for services called modelferry and modelferry-listen.
  const foreign = {
    MODELFERRY_PORT: 'tcp://10.0.0.1:80',
    MODELFERRY_LISTEN_PORT: 'tcp://10.0.0.1:80',
  }
  expect(parse('serve models', foreign)).toEqual(plain)
})
