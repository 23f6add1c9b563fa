import { expect, test } from 'vitest'
import { isPinnedRevision } from './hub-url.ts'

const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'

test.each([
  [`https://h/a/b/resolve/${commit}/x.onnx`, true],
  [`https://h/a/b/raw/${commit}/x.onnx`, true],
  [`https://h/api/models/a/b/tree/${commit}?recursive=true`, true],
  [`https://h/api/models/a/b/tree/${commit}`, true],
  [`https://h/api/resolve-cache/models/a/b/${commit}/x`, true],
  ['https://h/a/b/resolve/main/x.onnx', false],
  [`https://h/a/b/resolve/${commit.slice(1)}/x`, false],
  [`https://h/a/b/resolve/${commit}0/x`, false],
  [`https://h/a/b/resolve/main/x?from=/resolve/${commit}/x`, false],
])('%s: %s', (url, expected) => {
  expect(isPinnedRevision(url)).toBe(expected)
})
