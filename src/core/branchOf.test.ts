import { expect, test } from 'vitest'
import { branchOf } from './hub-url.ts'

const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'

test.for([
  ['https://h/a/b/resolve/main/x.onnx', 'https://h/a/b/resolve/main', '/x.onnx'],
  ['https://h/gpt2/resolve/main/x/y.json', 'https://h/gpt2/resolve/main', '/x/y.json'],
  ['https://h/datasets/a/b/resolve/v1.0/x', 'https://h/datasets/a/b/resolve/v1.0', '/x'],
  ['https://h/a/b/resolve/refs%2Fpr%2F1/x', 'https://h/a/b/resolve/refs%2Fpr%2F1', '/x'],
  ['https://h/a/b/resolve/refs/pr/1/x/y', 'https://h/a/b/resolve/refs/pr/1', '/x/y'],
  ['https://h/a/b/resolve/main/x?download=true', 'https://h/a/b/resolve/main', '/x?download=true'],
  ['https://h/resolve/b/resolve/main/x', 'https://h/resolve/b/resolve/main', '/x'],
  ['https://h/a/b/resolve/main/resolve/x/y', 'https://h/a/b/resolve/main', '/resolve/x/y'],
  ['https://h/deep/a/b/resolve/main/x', 'https://h/deep/a/b/resolve/main', '/x'],
] as const)('%s', ([url, base, path]) => {
  const branch = branchOf(url)
  expect(branch).toMatchObject({ base, path })
  const pinned = `${branch?.at(commit)}${path}`
  expect(pinned).toBe(
    url.replace(base, base.replace(/(?<=\/resolve\/)(refs\/pr\/1|[^/]+)$/, commit)),
  )
  expect(branchOf(pinned)).toBeUndefined()
})

test.for([
  `https://h/a/b/resolve/${commit}/x.onnx`,
  'https://h/a/b/resolve/main',
  'https://h/a/b/resolve/main/',
  'https://h/resolve/main/x',
  'https://h/a/b/raw/main/x',
  'https://h/models/x.onnx?from=/a/b/resolve/main/x',
  'blob:https://h/a/resolve/main/x',
])('no branch: %s', (url) => {
  expect(branchOf(url)).toBeUndefined()
})
