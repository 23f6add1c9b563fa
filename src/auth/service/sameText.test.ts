import fc from 'fast-check'
import { test } from 'vitest'
import { sameText } from '../digests.ts'

test('agrees with ===', () => {
  const text = fc.string({ maxLength: 4, unit: fc.constantFrom('a', 'b') })
  fc.assert(fc.property(text, text, (a, b) => sameText(a, b) === (a === b)))
})
