import { expect, test } from 'vitest'
import { explainFileError } from './project.ts'

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
