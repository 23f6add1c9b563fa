import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashToHex } from './xet-hash.ts'
import { hexToHash } from './xet-hash.ts'

const counting = Uint8Array.from({ length: 32 }, (_, index) => index)
const printed = '07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918'

describe('printed hashes', () => {
  it('reverse the bytes within every group of eight', () => {
    expect(hashToHex(counting)).toBe(printed)
    expect(hexToHash(printed)).toEqual(counting)
  })

  it('go there and back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
        expect(hexToHash(hashToHex(hash))).toEqual(hash)
      }),
    )
  })

  it.each(['', printed.slice(1), `${printed}0`, printed.toUpperCase(), `${printed.slice(1)}g`])(
    'refuse %j, and name the field',
    (text) => {
      expect(() => hexToHash(text, 'X-Xet-Hash')).toThrow(
        expect.objectContaining({
          code: 'protocol',
          message: expect.stringContaining('X-Xet-Hash'),
        }),
      )
    },
  )

  it('do not repeat an endless value in the error', () => {
    expect(() => hexToHash('x'.repeat(1e6))).toThrow(/^.{1,300}$/)
  })
})
