import {
  branchOf,
  fileMatcher,
  isPinnedRevision,
  isRuntime,
  isWeights,
  metadataMatcher,
} from './hub-url.ts'
import { describe, expect, test } from 'vitest'

describe('branchOf', () => {
  const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'

  test.for([
    ['https://h/a/b/resolve/main/x.onnx', 'https://h/a/b/resolve/main', '/x.onnx'],
    ['https://h/gpt2/resolve/main/x/y.json', 'https://h/gpt2/resolve/main', '/x/y.json'],
    ['https://h/datasets/a/b/resolve/v1.0/x', 'https://h/datasets/a/b/resolve/v1.0', '/x'],
    ['https://h/a/b/resolve/refs%2Fpr%2F1/x', 'https://h/a/b/resolve/refs%2Fpr%2F1', '/x'],
    ['https://h/a/b/resolve/refs/pr/1/x/y', 'https://h/a/b/resolve/refs/pr/1', '/x/y'],
    [
      'https://h/a/b/resolve/main/x?download=true',
      'https://h/a/b/resolve/main',
      '/x?download=true',
    ],
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
})

describe('fileMatcher', () => {
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

  test('without an app origin no file is recognised by its extension', () => {
    expect(fileMatcher({ hubs: [], files: [] })('https://app.example/x.onnx')).toBe(false)
  })
})

describe('isPinnedRevision', () => {
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
})

describe('isRuntime', () => {
  const commit = '607a30d783dfa663caf39e06633721c8d4cfcd7e'

  test.each([
    ['https://cdn.jsdelivr.net/npm/onnxruntime-web@1.22.0/dist/ort-wasm-simd-threaded.wasm', true],
    [
      'https://cdn.jsdelivr.net/npm/onnxruntime-web@1.31.0-dev.20260914-8d85527a0/dist/ort.mjs',
      true,
    ],
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
})

describe('isWeights', () => {
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
})

describe('metadataMatcher', () => {
  const isNote = metadataMatcher(['https://huggingface.co', 'https://app.example/hub/'])
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
})
