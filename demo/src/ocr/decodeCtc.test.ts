import { describe, expect, it } from 'vitest'
import { decodeCtc } from './decodeCtc.ts'

const DICTIONARY = ['', 'a', 'b', ' ']

/** One row a step: the class named gets the probability, the others share the rest. */
function steps(...rows: [likeliest: number, probability: number][]): Float32Array {
  return Float32Array.from(
    rows.flatMap(([likeliest, probability]) =>
      DICTIONARY.map((_, index) => (index === likeliest ? probability : (1 - probability) / 3)),
    ),
  )
}

describe('decodeCtc', () => {
  it.each([
    ['nothing at all', [], ''],
    ['blanks only', [0, 0, 0], ''],
    ['a character held over several steps once', [1, 1, 1], 'a'],
    ['a double letter when a blank separates it', [1, 0, 1, 1], 'aa'],
    ['spaces between words', [1, 3, 2], 'a b'],
    ['no spaces at either end', [3, 1, 3], 'a'],
  ])('reads %s', (_, classes, text) => {
    expect(
      decodeCtc(steps(...classes.map((one) => [one, 0.9] as [number, number])), DICTIONARY).text,
    ) //
      .toBe(text)
  })

  it('has the mean probability of the steps with a character as confidence', () => {
    const { confidence } = decodeCtc(steps([1, 0.9], [1, 0.4], [0, 0.8], [2, 0.5]), DICTIONARY)
    expect(confidence).toBeCloseTo(0.7)
  })

  it('has confidence 0 for an empty paper', () => {
    expect(decodeCtc(steps([0, 1]), DICTIONARY).confidence).toBe(0)
  })

  it('refuses a dictionary that does not belong to the model', () => {
    expect(() => decodeCtc(new Float32Array(10), DICTIONARY)).toThrow(/10 probabilities.*4 classes/)
    expect(() => decodeCtc(new Float32Array(0), [])).toThrow(RangeError)
  })
})
