import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readMember } from './endpoint.ts'

const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', '', null]

test('returns a text or null for any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.constantFrom(...types), (body, type) => {
      const text = readMember(body, type, 'token')
      expect(text === null || typeof text === 'string').toBe(true)
    }),
  )
})

test('reads back a written member, as a form and as JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (token, other) => {
      const bytes = new TextEncoder()
      const json = bytes.encode(JSON.stringify({ other, token }))
      const form = bytes.encode(`${new URLSearchParams({ other, token })}`)
      expect(readMember(json, 'application/json; charset=utf-8', 'token')).toBe(token)
      expect(readMember(form, 'application/x-www-form-urlencoded', 'token')).toBe(token)
    }),
  )
})

test('ignores inherited members', () => {
  expect(readMember(new TextEncoder().encode('{}'), 'application/json', 'toString')).toBeNull()
})
