import { expect, test } from 'vitest'
import { resolveSettings } from './hub.ts'

test('omitted settings keep their values', () => {
  const settings = resolveSettings({ urlLifetimeMs: 1000, exactRanges: undefined as never })
  expect(settings).toMatchObject({ urlLifetimeMs: 1000, exactRanges: true, reconstruction: 'both' })
  expect(resolveSettings({ multirange: true }, settings)).toEqual({ ...settings, multirange: true })
})

test.each([
  ['urlLifetimeMs', 999],
  ['urlLifetimeMs', Number.NaN],
  ['exactRanges', 'yes'],
  ['reconstruction', 'v3'],
  ['absentStatus', 500],
  ['descriptorBytes', 0],
  ['withoutXet', 'me/vad'],
])('%s: %s is refused by name', (name, value) => {
  expect(() => resolveSettings({ [name]: value })).toThrow(`The hub setting ${name} must be`)
})
