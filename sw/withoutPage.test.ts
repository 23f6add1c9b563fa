import { expect, test } from 'vitest'
import { withoutPage } from './shell.ts'

const html = { headers: { 'content-type': 'text/html; charset=utf-8' } }

test('a page instead of a file is a 404', () => {
  expect(withoutPage(new Response('<html>', html)).status).toBe(404)
})

test.each([
  ['a file', new Response('{}', { headers: { 'content-type': 'application/json' } })],
  ['a file of no type', new Response(new Uint8Array(1))],
  ['an error page', new Response('<html>', { ...html, status: 500 })],
  ['an opaque answer', Response.error()],
])('%s stays as it is', (_, response) => {
  expect(withoutPage(response)).toBe(response)
})
