import { expect, test } from 'vitest'
import { unkept } from './respond.ts'

test('a response is passed on unchanged, with a label', async () => {
  const headers = { etag: '"v1"', 'content-range': 'bytes 0-3/9' }
  const labelled = unkept(new Response('four', { status: 206, headers }))
  expect([labelled.status, labelled.headers.get('etag')]).toEqual([206, '"v1"'])
  expect(labelled.headers.get('x-modelferry')).toBe('unkept')
  expect(await labelled.text()).toBe('four')
})

test('a response without a status is returned unchanged, because none can be constructed like it', () => {
  const opaque = Response.error()
  expect(unkept(opaque)).toBe(opaque)
})
