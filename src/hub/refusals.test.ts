import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import {
  damagedRefusal,
  entryNotFound,
  HubRefusal,
  jsonAnswer,
  refusalAnswer,
  storageRefusal,
} from './refusals.ts'

describe('the response to a failed request', () => {
  test('has the message as JSON and as a header, and the error code of the hub', async () => {
    const response = refusalAnswer(entryNotFound('a/b', 'c0ffee'))
    expect(response.status).toBe(404)
    expect(await response.json()).toEqual({ error: 'Entry not found: a/b' })
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-error-message': 'Entry not found: a/b',
      'x-error-code': 'EntryNotFound',
      'x-repo-commit': 'c0ffee',
      'cache-control': 'no-store',
    })
  })

  test('can be sent for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { headers } = refusalAnswer(new HubRefusal(400, text))
        expect(headers.get('x-error-message')).toMatch(/^[ -~]*$/)
        expect(headers.has('x-error-code')).toBe(false)
      }),
    )
  })

  test.each([
    [new FerryError('protocol', 'Record 0 is wrong.'), 400, 'Record 0 is wrong.'],
    [
      new FerryError('integrity', 'It hashes to another value.'),
      400,
      'It hashes to another value.',
    ],
    [new FerryError('network', '/srv/data'), 500, 'The hub failed to answer this request.'],
    [new Error('ENOENT /srv/data'), 500, 'The hub failed to answer this request.'],
    ['/srv/data', 500, 'The hub failed to answer this request.'],
  ])('to %s is %i', async (error, status, text) => {
    const response = refusalAnswer(error)
    expect(response.status).toBe(status)
    expect(await response.json()).toEqual({ error: text })
  })
})

test('a JSON response has its length in bytes, and the given headers override the defaults', () => {
  const { status, headers } = jsonAnswer('ä', 201, { 'cache-control': 'max-age=1' })
  expect(status).toBe(201)
  expect(headers.get('content-length')).toBe('4')
  expect(headers.get('cache-control')).toBe('max-age=1')
})

test('presigned storage refuses like an object store', async () => {
  const response = storageRefusal('Request has expired', 'AccessDenied', 403, { 'x-a': 'b' })
  expect(response.status).toBe(403)
  expect(response.headers.get('x-a')).toBe('b')
  expect(await response.text()).toContain(
    '<Code>AccessDenied</Code><Message>Request has expired</Message>',
  )
})

test('damaged bytes are a fault of the server, so that no client requests new URLs', () => {
  expect(damagedRefusal().status).toBe(500)
})
