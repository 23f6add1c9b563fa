import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { storageError } from './folder.ts'

test('errors of the browser get a code', () => {
  const full = new DOMException('no space', 'QuotaExceededError')
  expect(storageError(full, 'writing')).toMatchObject({ code: 'quota', cause: full })
  const broken = new DOMException('gone', 'NotFoundError')
  expect(storageError(broken, 'writing')).toMatchObject({
    code: 'storage',
    message: expect.stringContaining('writing: NotFoundError: gone') as string,
  })
})

test('errors with a code and aborts are unchanged', () => {
  const known = new FerryError('superseded', 'taken over')
  expect(storageError(known, 'writing')).toBe(known)
  const abort = new DOMException('stop', 'AbortError')
  expect(storageError(abort, 'writing')).toBe(abort)
})
