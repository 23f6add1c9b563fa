import * as fc from 'fast-check'
import { createHasher } from './hasher.ts'
import { fileHash, hashToHex, hexToHash, rangeHash, xorbHash } from './xet-hash.ts'
import { describe, expect, it } from 'vitest'

describe('hashToHex', () => {
  const counting = Uint8Array.from({ length: 32 }, (_, index) => index)
  const printed = '07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918'

  describe('printed hashes', () => {
    it('reverse the bytes within every group of eight', () => {
      expect(hashToHex(counting)).toBe(printed)
      expect(hexToHash(printed)).toEqual(counting)
    })

    it('parse back to the same hash', () => {
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

    it('are cut in the error when they are very long', () => {
      expect(() => hexToHash('x'.repeat(1e6))).toThrow(/^.{1,300}$/)
    })
  })
})

describe('merkleRoot', async () => {
  const hasher = await createHasher()
  const A = hexToHash('cfc5d07f6f03c29bbf424132963fe08d19a37d5757aaf520bf08119f05cd56d6')
  const B = hexToHash('c3e67584b5c4fc2a89837ec39e40f2c8a6bb0b2987ac94cd4b31e5fbdd210a72')
  const C = hexToHash('0d2beb91b9196929a5ddec9f6e306924ddf4a24268e3e59fd8464738d525af37')
  const a = { hash: A, length: 100 }
  const b = { hash: B, length: 200 }
  const c = { hash: C, length: 300 }
  const zeros = '0'.repeat(64)

  const cases = [
    ['no chunks', [], zeros, zeros],
    [
      'one chunk',
      [a],
      'cfc5d07f6f03c29bbf424132963fe08d19a37d5757aaf520bf08119f05cd56d6',
      '8e16257caa3fe079d484d872a8975264b2ff683b0d6db9028cc7c0f968a45661',
    ],
    [
      'one chunk, all zero',
      [{ hash: new Uint8Array(32), length: 0 }],
      zeros,
      '638a6bc391964a85939d48f008e8bdbae6a7975e7ca2d87a3ce2492f4e4d8a4c',
    ],
    [
      'three chunks',
      [a, b, c],
      '71ec1275fca074724e2dd666921b3277c7cee603e4d025bcab2d4050015be2bc',
      '54e55dccc6653c612bdb5576c5d3cb34bb31bc4e100248abccf4c908b3ef7715',
    ],
    [
      'four times the same',
      [a, a, a, a],
      '89f2ada89ff8c96763c6b25010e6dd76a4c05b1466207633ea559acf2093211b',
      '2cdba690d0e09563596e0cda626d43eb4c96ef1e994fe72d9b2f5a83cfcd36dd',
    ],
    [
      'two in turn',
      [a, b, a, b],
      '90f8313ef12df385d237a067aded02562c35ded12116e32eba401dbc86c38031',
      '284ea045e5a579e99c21ec597c20de1fc0c09e7168162aac00db8f61b3d82dbb',
    ],
    [
      'thirty-two times the same',
      Array.from({ length: 32 }, () => a),
      '0a0123c1617921883b7e13902095fcb86676e77c49120c33b233003b0af0e0a6',
      '53af4711fd1d5e5bdc7f931b6be932314d8d673cb16ad2482f6f5222eaf9e63d',
    ],
  ] as const

  describe('the hash tree', () => {
    it.each(cases)('%s', (_, rows, root, file) => {
      expect(xorbHash(rows, hasher)).toBe(root)
      expect(fileHash(rows, hasher)).toBe(file)
    })

    it('changes with a swapped chunk and with a wrong length', () => {
      const root = xorbHash([a, b, c], hasher)
      expect(xorbHash([b, a, c], hasher)).not.toBe(root)
      expect(xorbHash([a, b, { ...c, length: 301 }], hasher)).not.toBe(root)
    })

    it('hashes a range', () => {
      const one = hexToHash('c28f58387a60d4aa200c311cda7c7f77f686614864f5869eadebf765d0a14a69')
      const two = hexToHash('6e4e3263e073ce2c0e78cc770c361e2778db3b054b98ab65e277fc084fa70f22')
      expect(rangeHash([one, two], hasher)).toBe(
        'eb06a8ad81d588ac05d1d9a079232d9c1e7d0b07232fa58091caa7bf333a2768',
      )
    })
  })
})
