import { expect, test } from 'vitest'
import { isWithoutXet } from './files.ts'

const repo = { type: 'model', name: 'me/tiny' } as const

test.each([
  ['me/tiny', true],
  ['me/*', true],
  ['*', true],
  ['me/tiny/onnx/model.onnx', true],
  ['me/tiny/*.onnx', true],
  ['me/tiny/*.bin', false],
  ['me/tin', false],
  ['datasets/me/tiny', false],
  ['me/tiny/onnx/modelXonnx', false],
])('%s: %s', (pattern, expected) => {
  expect(isWithoutXet([pattern], { repo, path: 'onnx/model.onnx' })).toBe(expected)
})
