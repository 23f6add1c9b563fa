import { expect, test } from 'vitest'
import { isWeights } from './hub-url.ts'

test.each([
  ['model.onnx', true],
  ['model.onnx_data', true],
  ['model.onnx_data_1', true],
  ['model.onnx_data_12', true],
  ['model.onnx.data', true],
  ['model.onnx_data_', false],
  ['model.onnx_data.json', false],
  ['model.data', false],
  ['model-00001-of-00002.safetensors', true],
  ['hand.task', true],
  ['model.bin', false],
  ['onnx', false],
])('%s: %s', (path, expected) => {
  expect(isWeights(`/a/${path}`)).toBe(expected)
})
