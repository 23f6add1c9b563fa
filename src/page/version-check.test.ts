import { expect, test } from 'vitest'
import { otherBuild } from './version-check.ts'

test.each([
  ['1.9.12', /\(modelferry 1\.9\.12\) is older than .*\(1\.10\.2\).*modelferry init/],
  ['1.10.3', /is newer than .*\(1\.10\.2\)\. Reload the page/],
  ['1.10.2', /is of another build than .*modelferry init/],
  [undefined, /\(modelferry unknown\) is of another build than .*modelferry init/],
])('a worker of %s beside a page of 1.10.2', (version, says) => {
  expect(otherBuild('loader worker', version, false, '1.10.2')).toMatchObject({
    code: 'worker',
    message: expect.stringMatching(says),
  })
})

test('for a worker whose successor waits, the advice is not to copy files', () => {
  const { message } = otherBuild('service worker', '1.9.12', true, '1.10.2')
  expect(message).toMatch(/is older than .*successor waits: close other tabs/)
  expect(message).not.toContain('init')
})
