import { expect, test } from 'vitest'
import { rightsOf } from './serve.ts'

test.each([
  ['no token', false, ['write:*'], null],
  ['a token for nothing', true, [], { read: [], write: [] }],
  [
    'a token for some',
    true,
    ['read:*', 'write:me/vad', 'write:datasets/me/x', 'other', 'xread:y'],
    { read: ['*'], write: ['me/vad', 'datasets/me/x'] },
  ],
])('%s', (_, tokenAuth, scope, rights) => {
  expect(rightsOf({ tokenAuth, scope })).toEqual(rights)
})
