import { expect, test } from 'vitest'
import { branchBase } from './loader-calls.ts'

test.for([
  ['https://h', 'a/b', 'main', 'https://h/a/b/resolve/main'],
  ['https://h/', 'gpt2', 'v1.0', 'https://h/gpt2/resolve/v1.0'],
  ['https://h/deep', 'datasets/a/b', 'main', 'https://h/deep/datasets/a/b/resolve/main'],
  ['https://h', 'a/b', 'refs/pr/1', 'https://h/a/b/resolve/refs%2Fpr%2F1'],
] as const)('%s, %s, %s', ([hub, repo, revision, base]) => {
  expect(branchBase(hub, repo, revision)).toBe(base)
})

test.for([
  [undefined, 'a/b', 'main', /hub/],
  ['h', 'a/b', 'main', /hub/],
  ['https://h', 'https://h/a/b', 'main', /repository/],
  ['https://h', '', 'main', /repository/],
  ['https://h', 'a/b/c', 'main', /repository/],
  ['https://h', 'a/b', '', /branch/],
  ['https://h', 'a/b', '607a30d783dfa663caf39e06633721c8d4cfcd7e', /never changes/],
] as const)('%s, %s, %s is refused', ([hub, repo, revision, message]) => {
  expect(() => branchBase(hub, repo, revision)).toThrow(message)
})
