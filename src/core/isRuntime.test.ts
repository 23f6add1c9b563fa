import { expect, test } from 'vitest'
import { isRuntime } from './hub-url.ts'

const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'

test.each([
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/dist/ort-wasm-simd-threaded.wasm', true],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@1.31.0-dev.20260914-8d85527a0/dist/ort.mjs', true],
  ['https://cdn.jsdelivr.net/npm/@huggingface/transformers@4.3.1/dist/transformers.min.js', true],
  ['https://cdn.jsdelivr.net/npm/@wllama/wllama@3.8.1/esm/wasm/wllama.wasm#x', true],
  ['https://unpkg.com/@mediapipe/tasks-vision@0.10.14/wasm/vision_wasm_internal.js', true],
  ['https://unpkg.com/@litertjs/core@1.0.1/wasm/litert_wasm_internal.wasm', true],
  [`https://raw.githubusercontent.com/org/libs/${commit}/v0/model-webgpu.wasm`, true],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web/dist/ort.mjs', false],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@latest/dist/ort.mjs', false],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@1/dist/ort.mjs', false],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22/dist/ort.mjs', false],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@^1.22.0/dist/ort.mjs', false],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/+esm', false],
  ['https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/package.json', false],
  ['https://cdn.jsdelivr.net/npm/another@1.22.0/dist/ort.mjs', false],
  ['https://cdn.jsdelivr.net/gh/onnxruntime-web@1.22.0/dist/ort.mjs', false],
  ['https://unpkg.com/onnxruntime-web@1.22.0/dist/ort.mjs?module', false],
  ['https://raw.githubusercontent.com/org/libs/main/v0/model-webgpu.wasm', false],
  ['https://cdn.jsdelivr.net.evil/npm/onnxruntime-web@1.22.0/dist/ort.mjs', false],
  ['http://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/dist/ort.mjs', false],
])('%s: %s', (url, expected) => {
  expect(isRuntime(url)).toBe(expected)
})
