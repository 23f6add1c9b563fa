import { describe, expect, test } from 'vitest'
import { freshUntil } from './http-answer.ts'

describe('how long a response is fresh', () => {
  const now = 1e12
  const plain = 'https://cdn.example/models/model.onnx'
  const hashed = 'https://cdn.example/models/model-0a1b2c3d4e5f.onnx'
  const never = Number.MAX_SAFE_INTEGER

  test.each([
    ['nothing said', {}, now],
    ['no-cache', { 'cache-control': 'no-cache, max-age=60, immutable' }, now],
    ['max-age', { 'cache-control': 'public, max-age=60' }, now + 60_000],
    ['max-age in quotes', { 'cache-control': 'max-age="60"' }, now + 60_000],
    ['max-age without a number', { 'cache-control': 'max-age=soon' }, now],
    ['max-age after time in a cache', { 'cache-control': 'max-age=60', age: '50' }, now + 10_000],
    ['max-age that passed in a cache', { 'cache-control': 'max-age=60', age: '90' }, now],
    ['immutable', { 'cache-control': 'max-age=60, immutable' }, never],
    [
      'Expires, by the clock of the server',
      { date: 'Mon, 01 Jan 2024 00:00:00 GMT', expires: 'Mon, 01 Jan 2024 00:01:00 GMT' },
      now + 60_000,
    ],
    ['Expires without Date', { expires: 'Mon, 01 Jan 2024 00:01:00 GMT' }, now],
    ['Expires that is no date', { expires: '0', date: 'Mon, 01 Jan 2024 00:00:00 GMT' }, now],
    [
      'max-age before Expires',
      {
        'cache-control': 'max-age=60',
        date: 'Mon, 01 Jan 2024 00:00:00 GMT',
        expires: 'Mon, 01 Jan 2024 01:00:00 GMT',
      },
      now + 60_000,
    ],
  ])('%s', (_, headers, until) => {
    expect(freshUntil({ headers: new Headers(headers as HeadersInit) }, plain, now)).toBe(until)
  })

  test.each([
    [hashed, {}, never],
    [hashed, { 'cache-control': 'max-age=60' }, never],
    [hashed, { 'cache-control': 'max-age=0' }, now],
    [hashed, { 'cache-control': 'no-cache' }, now],
    [`https://cdn.example/${'0a'.repeat(20)}/model.onnx`, {}, never],
    [`https://cdn.example/blobs/${'0a'.repeat(32)}`, {}, never],
    ['https://cdn.example/model.0a1b2c3d.onnx?v=1', {}, never],
    // Digits or letters alone are versions, dates and words.
    ['https://cdn.example/model-20240101.onnx', {}, now],
    ['https://cdn.example/model-deadbeef.onnx', {}, now],
    ['https://cdn.example/0a1b2c3d/model.onnx', {}, now],
    ['https://cdn.example/model.onnx?0a1b2c3d4e5f', {}, now],
  ])('%s with %j', (url, headers, until) => {
    expect(freshUntil({ headers: new Headers(headers as HeadersInit) }, url, now)).toBe(until)
  })
})
