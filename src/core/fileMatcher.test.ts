import { expect, test } from 'vitest'
import { fileMatcher } from './hub-url.ts'

const isFile = fileMatcher({
  hubs: ['https://huggingface.co', 'http://127.0.0.1:5171/hub/'],
  files: ['https://cdn.example/models/*.onnx', 'https://exact.example/a?b=(c)'],
  origin: 'http://127.0.0.1:5171',
})

test.each([
  ['https://huggingface.co/org/repo/resolve/main/model.onnx', true],
  ['https://huggingface.co/org/repo/resolve/main/onnx/model.onnx?download=true', true],
  ['https://huggingface.co/org/repo/resolve/main/model.onnx#part', true],
  ['https://huggingface.co/gpt2/resolve/main/config.json', true],
  ['https://huggingface.co/datasets/org/repo/resolve/refs%2Fpr%2F1/a/b', true],
  ['http://127.0.0.1:5171/hub/org/repo/resolve/main/x', true],
  ['http://127.0.0.1:5171/org/repo/resolve/main/x', false],
  ['http://127.0.0.1:5171/models/x.onnx', true],
  ['http://127.0.0.1:5171/a/b/x.onnx_data_1?v=2', true],
  ['http://127.0.0.1:5171/a/b/x.onnx.data', true],
  ['http://127.0.0.1:5171/x.gguf#part', true],
  ['http://127.0.0.1:5171/x.safetensors', true],
  ['http://127.0.0.1:5171/x.bin', false],
  ['http://127.0.0.1:5171/x.onnx.json', false],
  ['http://127.0.0.1:5171/?x.onnx', false],
  ['http://127.0.0.1:5171/hub/org/repo/raw/main/x.gguf', false],
  ['http://127.0.0.1:5171/hub/api/models/org/repo/tree/main/x.gguf', false],
  ['http://127.0.0.1:51712/x.onnx', false],
  ['https://other.example/x.onnx', false],
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

test('without an origin of its own an app has no files by their extension', () => {
  expect(fileMatcher({ hubs: [], files: [] })('https://app.example/x.onnx')).toBe(false)
})
