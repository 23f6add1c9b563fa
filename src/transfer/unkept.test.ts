import { expect, test } from 'vitest'
import { unkept } from './respond.ts'

test('an answer is passed on as it is, with a label', async () => {
  const headers = { etag: '"v1"', 'content-range': 'bytes 0-3/9' }
  const labelled = unkept(new Response('four', { status: 206, headers }))
  expect([labelled.status, labelled.headers.get('etag')]).toEqual([206, '"v1"'])
  expect(labelled.headers.get('x-modelferry')).toBe('unkept')
  expect(await labelled.text()).toBe('four')
})

test('one that shows no status is left alone: no response can be made with it', () => {
  const opaque = Response.error()
  expect(unkept(opaque)).toBe(opaque)
})
