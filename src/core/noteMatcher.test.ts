import { expect, test } from 'vitest'
import { noteMatcher } from './hub-url.ts'

const isNote = noteMatcher(['https://huggingface.co', 'https://app.example/hub/'])
const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'

test.each([
  ['https://huggingface.co/org/repo/raw/main/a/model.gguf', true],
  ['https://huggingface.co/gpt2/raw/main/config.json?x=1', true],
  ['https://huggingface.co/datasets/org/repo/raw/refs%2Fpr%2F1/a', true],
  ['https://huggingface.co/api/models/org/repo/tree/main?recursive=true&cursor=x', true],
  ['https://huggingface.co/api/models/gpt2/tree/main/onnx', true],
  ['https://huggingface.co/api/spaces/org/repo/tree/main', true],
  [`https://huggingface.co/api/resolve-cache/models/org/repo/${commit}/config.json`, true],
  ['https://app.example/hub/org/repo/raw/main/x', true],
  ['https://app.example/org/repo/raw/main/x', false],
  ['https://huggingface.co/api/resolve-cache/models/org/repo/main/config.json', false],
  ['https://huggingface.co/org/repo/resolve/main/x', false],
  ['https://huggingface.co/org/repo/tree/main', false],
  ['https://huggingface.co/org/repo/raw/main', false],
  ['https://huggingface.co/api/models/org/repo', false],
  ['https://huggingface.co/api/models/org/repo/revision/main', false],
  ['https://huggingface.co/api/models/org/repo/xet-read-token/main', false],
  ['https://huggingface.co/api/whoami-v2', false],
  ['https://huggingface.co.evil/org/repo/raw/main/x', false],
])('%s: %s', (url, expected) => {
  expect(isNote(url)).toBe(expected)
})
