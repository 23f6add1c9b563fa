import { expect, test } from 'vitest'
import { sendsCookies } from './hub-url.ts'

const page = 'https://app.example'

test.each<[RequestCredentials, url: string, expected: boolean]>([
  ['same-origin', `${page}/x.onnx`, true],
  ['same-origin', `${page}.evil.example/x.onnx`, false],
  ['same-origin', 'https://other.example/x.onnx', false],
  ['include', 'https://other.example/x.onnx', true],
  ['omit', `${page}/x.onnx`, false],
])('%s, %s', (credentials, url, expected) => {
  expect(sendsCookies({ url, credentials }, page)).toBe(expected)
})
