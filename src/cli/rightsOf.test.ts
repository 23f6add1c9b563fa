import { expect, test } from 'vitest'
import { rightsOf } from './serve.ts'

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
