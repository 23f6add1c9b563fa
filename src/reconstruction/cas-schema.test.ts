import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FerryError } from '../core/errors.ts'
import { parseReconstruction } from './cas-schema.ts'

const x = 'a'.repeat(64)
const y = 'b'.repeat(64)
const url = 'https://cdn.example/x?Signature=secret-1'
const expectation = { range: { start: 1_000, end: 4_000 }, size: 5_000 }

interface Wire {
  offset_into_first_range: number
  terms: { hash: string; unpacked_length: number; range: { start: number; end: number } }[]
  xorbs: Record<string, { url: string; ranges: object[] }[]>
}

/** Two xorbs; the first term begins 200 bytes before the requested range. */
const good = (): Wire => ({
  offset_into_first_range: 200,
  terms: [
    { hash: x, unpacked_length: 1_200, range: { start: 3, end: 5 } },
    { hash: y, unpacked_length: 2_000, range: { start: 0, end: 1 } },
    { hash: x, unpacked_length: 900, range: { start: 6, end: 7 } },
  ],
  xorbs: {
    [x]: [
      {
        url,
        ranges: [
          { chunks: { start: 3, end: 5 }, bytes: { start: 100, end: 999 } },
          { chunks: { start: 6, end: 7 }, bytes: { start: 1_500, end: 1_999 } },
        ],
      },
    ],
    [y]: [{ url, ranges: [{ chunks: { start: 0, end: 2 }, bytes: { start: 0, end: 2_999 } }] }],
  },
})

const parsed = {
  runs: [
    { xorb: x, chunks: { start: 3, end: 5 }, offset: 800, length: 1_200 },
    { xorb: y, chunks: { start: 0, end: 1 }, offset: 2_000, length: 2_000 },
    { xorb: x, chunks: { start: 6, end: 7 }, offset: 4_000, length: 900 },
  ],
  descriptors: [
    { xorb: x, chunks: { start: 3, end: 5 }, bytes: { start: 100, end: 1_000 }, url },
    { xorb: x, chunks: { start: 6, end: 7 }, bytes: { start: 1_500, end: 2_000 }, url },
    { xorb: y, chunks: { start: 0, end: 2 }, bytes: { start: 0, end: 3_000 }, url },
  ],
}

test('version 2', () => {
  expect(parseReconstruction(good(), expectation)).toEqual(parsed)
})

test('version 1, in the same shape', () => {
  const { xorbs, ...rest } = good()
  expect(Object.keys(xorbs)).toEqual([x, y])
  const item = (descriptor: (typeof parsed.descriptors)[number]): object => ({
    range: descriptor.chunks,
    url,
    url_range: { start: descriptor.bytes.start, end: descriptor.bytes.end - 1 },
  })
  const [first, second, third] = parsed.descriptors.map(item)
  const fetch_info = { [x]: [first, second], [y]: [third] }
  expect(parseReconstruction({ ...rest, fetch_info }, expectation)).toEqual(parsed)
})

test('descriptors without a run are removed', () => {
  const wire = good()
  wire.xorbs['c'.repeat(64)] = [
    { url, ranges: [{ chunks: { start: 0, end: 1 }, bytes: { start: 0, end: 99 } }] },
  ]
  wire.xorbs[x]?.[0]?.ranges.push({
    chunks: { start: 9, end: 10 },
    bytes: { start: 2_500, end: 2_600 },
  })
  expect(parseReconstruction(wire, expectation)).toEqual(parsed)
})

/** Each damages a valid response in one field; the error names that field. */
const hostile: [string, string, (wire: Wire) => void][] = [
  ['no terms', 'terms', (wire) => void (wire.terms = [])],
  ['too short', 'terms', (wire) => void wire.terms.splice(1)],
  ['negative skip', 'offset_into_first_range', (w) => void (w.offset_into_first_range = -1)],
  ['fractional skip', 'offset_into_first_range', (w) => void (w.offset_into_first_range = 0.5)],
  ['huge skip', 'offset_into_first_range', (w) => void (w.offset_into_first_range = 2 ** 53)],
  ['before the file', 'offset_into_first_range', (w) => void (w.offset_into_first_range = 1_001)],
  ['hash in capitals', 'terms.0.hash', (w) => edit(w, { hash: 'A'.repeat(64) })],
  ['short hash', 'terms.0.hash', (w) => edit(w, { hash: 'ab' })],
  ['length 0', 'terms.0.unpacked_length', (w) => edit(w, { unpacked_length: 0 })],
  ['length as text', 'terms.0.unpacked_length', (w) => edit(w, { unpacked_length: '9' })],
  ['impossible length', 'terms.0.unpacked_length', (w) => edit(w, { unpacked_length: 262_145 })],
  ['past the file', 'terms', (w) => edit(w, { unpacked_length: 2_000 })],
  ['empty chunks', 'terms.0.range', (w) => edit(w, { range: { start: 3, end: 3 } })],
  ['chunk past 2^32', 'terms.0.range.end', (w) => edit(w, { range: { start: 3, end: 2 ** 32 } })],
  ['term outside', 'terms.0.range', (w) => edit(w, { range: { start: 2, end: 5 } })],
  ['term across two', 'terms.0.range', (w) => edit(w, { range: { start: 4, end: 7 } })],
  ['xorb absent', 'terms.1.range', (w) => void delete w.xorbs[y]],
  ['no xorbs', 'xorbs', (w) => void (w.xorbs = null as unknown as Wire['xorbs'])],
  ['bad xorb name', 'xorbs.nonsense', (w) => void (w.xorbs['nonsense'] = [])],
  ['file URL', '.url', (w) => void (w.xorbs[x]![0]!.url = 'file:///etc/passwd')],
  ['relative URL', '.url', (w) => void (w.xorbs[x]![0]!.url = '/x')],
  ['URL with password', '.url', (w) => void (w.xorbs[x]![0]!.url = 'https://u:p@a.example/')],
  ['backwards bytes', '.bytes', (w) => range(w, [3, 5], [999, 100])],
  ['bytes past 2^53', '.bytes.end', (w) => range(w, [3, 5], [0, 2 ** 53])],
  ['more bytes than chunks hold', `xorbs.${x}`, (w) => range(w, [3, 5], [0, 600_000])],
  ['fewer bytes than headers', `xorbs.${x}`, (w) => range(w, [3, 5], [100, 110])],
  ['bytes in another order', `xorbs.${x}`, (w) => range(w, [3, 5], [3_000, 3_999])],
  ['chunks overlap, bytes do not', `xorbs.${x}`, (w) => range(w, [3, 7], [100, 999])],
]

function edit(wire: Wire, change: object): void {
  Object.assign(wire.terms[0] as object, change)
}

function range(wire: Wire, chunks: [number, number], bytes: [number, number]): void {
  const change = {
    chunks: { start: chunks[0], end: chunks[1] },
    bytes: { start: bytes[0], end: bytes[1] },
  }
  Object.assign(wire.xorbs[x]?.[0]?.ranges[0] as object, change)
}

test.each(hostile)('%s: names %s', (_, field, spoil) => {
  const wire = good()
  spoil(wire)
  const parse = (): unknown =>
    parseReconstruction(wire, { ...expectation, url: 'https://cas.example/?t=s' })
  expect(parse).toThrow(FerryError)
  try {
    parse()
  } catch (error) {
    expect(error).toMatchObject({ code: 'protocol', url: 'https://cas.example/' })
    expect((error as Error).message).toContain(field)
    expect((error as Error).message).not.toContain('secret-1')
  }
})

test.each([
  ['ends before the requested range', { range: { start: 1_000, end: 5_000 }, size: 6_000 }],
  ['reaches past the end of the file', { ...expectation, size: 4_500 }],
])('a reconstruction that %s says that the lengths differ', (_, other) => {
  const differs = expect.objectContaining({ code: 'protocol', errorCode: 'LengthDiffers' })
  expect(() => parseReconstruction(good(), other)).toThrow(differs)
})

test('any JSON gives a FerryError or a consistent result', () => {
  const number = fc.oneof(fc.nat(6), fc.constantFrom(-1, 0.5, 2 ** 32, 2 ** 53, '1', null))
  const span = fc.record({ start: number, end: number })
  const hash = fc.constantFrom(x, y, 'zz')
  const length = fc.oneof(fc.nat(3_000), number)
  const entry = fc.record({
    url: fc.constantFrom(url, 'nope'),
    ranges: fc.array(fc.record({ chunks: span, bytes: fc.record({ start: length, end: length }) })),
  })
  const wire = fc.record({
    offset_into_first_range: fc.oneof(fc.constant(0), length),
    terms: fc.array(fc.record({ hash, unpacked_length: length, range: span }), { maxLength: 4 }),
    xorbs: fc.dictionary(hash, fc.array(entry, { maxLength: 2 })),
  })
  const spoiled = fc.tuple(fc.constantFrom(...hostile), fc.jsonValue()).map(([[, , spoil]]) => {
    const answer = good()
    spoil(answer)
    return answer
  })
  fc.assert(
    fc.property(fc.oneof(wire, spoiled, fc.jsonValue(), fc.anything()), (json) => {
      try {
        const { runs, descriptors } = parseReconstruction(json, expectation)
        let end = runs[0]?.offset ?? 0
        for (const run of runs) {
          expect(run.offset).toBe(end)
          end += run.length
          expect(
            descriptors.some(
              ({ xorb, chunks }) =>
                xorb === run.xorb &&
                chunks.start <= run.chunks.start &&
                chunks.end >= run.chunks.end,
            ),
          ).toBe(true)
        }
        expect(runs[0]?.offset).toBeLessThanOrEqual(expectation.range.start)
        expect(end).toBeGreaterThanOrEqual(expectation.range.end)
        expect(end).toBeLessThanOrEqual(expectation.size)
      } catch (error) {
        if (!(error instanceof FerryError && error.code === 'protocol')) throw error
      }
    }),
    { numRuns: 2_000 },
  )
})

test('a hundred thousand ranges of one xorb are checked quickly', () => {
  const ranges = Array.from({ length: 50_000 }, (_, index) => ({
    chunks: { start: 2 * index, end: 2 * index + 1 },
    bytes: { start: 100 * index, end: 100 * index + 50 },
  }))
  const terms = ranges.map(({ chunks }) => ({ hash: x, unpacked_length: 1, range: chunks }))
  const wire = { offset_into_first_range: 0, terms, xorbs: { [x]: [{ url, ranges }] } }
  const size = terms.length
  const { runs, descriptors } = parseReconstruction(wire, { range: { start: 0, end: size }, size })
  expect([runs.length, descriptors.length]).toEqual([size, size])
})
