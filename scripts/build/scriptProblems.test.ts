import { expect, test } from 'vitest'

import { scriptProblems } from './scriptProblems.ts'

test.each([
  ['(function () { self.x = 1 })()', []],
  ['post({ __BUILD__: "a" })', []],
  ['import x from "y"', [expect.stringContaining('is not a classic script')]],
  ['export const x = 1', [expect.stringContaining('is not a classic script')]],
  ['var v = __VERSION__', [expect.stringContaining('__VERSION__')]],
  ['if (process.env.NODE_ENV) {}', [expect.stringContaining('process.env')]],
])('%s', (text, problems) => {
  expect(scriptProblems('file.js', text)).toEqual(problems)
})
