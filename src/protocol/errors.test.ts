import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { decodeError } from './errors.ts'
import { encodeError } from './errors.ts'

const secret = 'X-Amz-Signature=s3cret'

test.each([
  ['an abort', new DOMException('Gone.', 'AbortError'), 'aborted', false],
  ['a timeout', new DOMException('Late.', 'TimeoutError'), 'timeout', true],
  ['another error', new TypeError('x is not a function'), 'worker', false],
  ['no error at all', 'just text', 'worker', false],
  ['nothing', undefined, 'worker', false],
])('%s gets a code', (_, error, code, retryable) => {
  expect(encodeError(error)).toMatchObject({ code, retryable })
})

test('a foreign error gets the given code', () => {
  expect(encodeError(new Error('x'), 'storage').code).toBe('storage')
  expect(encodeError(new FerryError('quota', 'Full.'), 'storage').code).toBe('quota')
})

test('a FerryError survives as plain data', () => {
  const options = fc.record(
    {
      retryable: fc.boolean(),
      url: fc.constantFrom('https://hub.example/x', 'https://hub.example/x?token=1'),
      status: fc.integer({ min: 400, max: 599 }),
      errorCode: fc.string(),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.constantFrom('http', 'quota', 'integrity'), options, (code, given) => {
      const error = new FerryError(code, 'What happened.', given)
      const again = decodeError(structuredClone(encodeError(error)))
      expect(again).toBeInstanceOf(FerryError)
      const { message, retryable, url, status, errorCode } = again
      expect({ code: again.code, message, retryable, url, status, errorCode }).toEqual({
        code,
        message: 'What happened.',
        retryable: error.retryable,
        url: error.url,
        status: error.status,
        errorCode: error.errorCode,
      })
    }),
  )
})

describe('no secret leaves the realm', () => {
  test.each([
    `Failed to fetch https://cdn.example/x?${secret}`,
    `"https://cdn.example/x?${secret}" and (http://user:s3cret@hub.example/y#s3cret).`,
    `<https://cdn.example/x?a=b&${secret}>`,
    `https://cdn.example/x refused "Bearer s3cret"`,
    `cdn.example/x?${secret} is not absolute`,
  ])('%s', (message) => {
    const url = `https://user:s3cret@cdn.example/x?${secret}`
    for (const error of [new TypeError(message), new FerryError('http', message, { url })]) {
      const text = JSON.stringify(encodeError(error))
      expect(text).not.toContain('s3cret')
      expect(text).toContain('cdn.example/x')
    }
  })
})
