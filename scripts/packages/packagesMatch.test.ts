import { expect, test } from 'vitest'

import { packagesMatch } from './packagesMatch.mjs'

const lock = {
  packages: {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/native-elsewhere': { version: '1.0.0', optional: true },
  },
}

test.each([
  ['nothing installed', undefined, false],
  ['all of it', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } }, true],
  ['one missing', {}, false],
  ['another version', { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }, false],
  ['other bytes', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }, false],
  [
    'more than asked for',
    {
      'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
      'node_modules/b': { version: '1.0.0' },
    },
    true,
  ],
])('%s', (_name, packages, match) => {
  expect(packagesMatch(lock, packages && { packages })).toBe(match)
})
