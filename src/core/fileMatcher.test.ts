import { expect, test } from 'vitest'
import { fileMatcher } from './fileMatcher.ts'

const isFile = fileMatcher({
  hubs: ['https://huggingface.co', 'http://127.0.0.1:5171/hub/'],
  files: ['https://cdn.example/models/*.onnx', 'https://exact.example/a?b=(c)'],
})

test.each([
  ['https://huggingface.co/org/repo/resolve/main/model.onnx', true],
  ['https://huggingface.co/org/repo/resolve/main/onnx/model.onnx?download=true', true],
  ['https://huggingface.co/org/repo/resolve/main/model.onnx#part', true],
  ['https://huggingface.co/gpt2/resolve/main/config.json', true],
  ['https://huggingface.co/datasets/org/repo/resolve/refs%2Fpr%2F1/a/b', true],
  ['http://127.0.0.1:5171/hub/org/repo/resolve/main/x', true],
  ['http://127.0.0.1:5171/org/repo/resolve/main/x', false],
  ['https://huggingface.co/org/repo/raw/main/model.onnx', false],
  ['https://huggingface.co/api/models/org/repo/tree/main', false],
  ['https://huggingface.co.evil/org/repo/resolve/main/x', false],
  ['https://evil/?https://huggingface.co/org/repo/resolve/main/x', false],
  ['https://cdn.example/models/a/b.onnx', true],
  ['https://cdn.example/models/b.onnx.html', false],
  ['https://exact.example/a?b=(c)', true],
  ['https://exact.example/a', false],
])('%s: %s', (url, expected) => {
  expect(isFile(url)).toBe(expected)
})
