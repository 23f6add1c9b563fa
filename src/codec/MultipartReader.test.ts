import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FerryError } from '../core/FerryError.ts'
import { MultipartReader } from './MultipartReader.ts'

interface Part {
  start: number
  bytes: number[]
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0))

function bodyOf(parts: readonly Part[], boundary = 'B'): number[] {
  const body: number[] = []
  for (const { start, bytes } of parts) {
    const range = `bytes ${start}-${start + bytes.length - 1}/100000`
    body.push(
      ...latin1(`\r\n--${boundary}\r\nContent-Type: x/y\r\ncontent-range: ${range}\r\n\r\n`),
      ...bytes,
    )
  }
  return [...body, ...latin1(`\r\n--${boundary}--\r\n`)]
}

function read(pieces: readonly Uint8Array[], boundary = 'B'): Part[] {
  const reader = new MultipartReader(boundary)
  const parts: Part[] = []
  for (const piece of pieces) {
    for (const event of reader.push(piece)) {
      if (event.type === 'part') parts.push({ start: event.range.start, bytes: [] })
      else parts.at(-1)!.bytes.push(...event.bytes)
    }
  }
  reader.finish()
  return parts
}

const two = [
  { start: 10, bytes: [1, 2, 3] },
  { start: 0, bytes: [...latin1('\r\n--B--\r\n\r\n--B\r\n')] },
]

describe('MultipartReader', () => {
  it('reads parts in any order, with delimiters inside them', () => {
    expect(read([Uint8Array.from(bodyOf(two))])).toEqual(two)
  })

  it('announces a part with its range and total before its bytes', () => {
    const reader = new MultipartReader('B')
    const [first] = reader.push(latin1('--B\r\nContent-Range: bytes 5-9/20\r\n\r\n'))
    expect(first).toEqual({ type: 'part', range: { start: 5, end: 10 }, total: 20 })
  })

  it('gives the same parts however the body is cut', () => {
    const part = fc.record({
      start: fc.nat(1000),
      bytes: fc.array(fc.constantFrom(0, 10, 13, 45, 66), { minLength: 1, maxLength: 20 }),
    })
    fc.assert(
      fc.property(
        fc.array(part, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(400), { maxLength: 12 }),
        (parts, cuts) => {
          const body = Uint8Array.from(bodyOf(parts))
          const ends = [...cuts, body.length].toSorted((a, b) => a - b)
          const pieces = ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end))
          expect(read(pieces)).toEqual(parts)
        },
      ),
    )
  })

  it('gives the same parts byte by byte, with views of what was pushed', () => {
    const body = Uint8Array.from(bodyOf(two))
    expect(read(Array.from(body, (byte) => Uint8Array.of(byte)))).toEqual(two)
    const reader = new MultipartReader('B')
    for (const event of reader.push(body)) {
      if (event.type === 'bytes') expect(event.bytes.buffer).toBe(body.buffer)
    }
  })

  it.each([
    ['no CRLF before the first delimiter', bodyOf(two).slice(2)],
    ['text before the first delimiter', [...latin1('hello\r\nthere'), ...bodyOf(two)]],
    ['text after the last', [...bodyOf(two), ...latin1('bye\n\n')]],
    ['no CRLF after the last delimiter', bodyOf(two).slice(0, -2)],
    ['spaces after the last delimiter', [...bodyOf(two).slice(0, -2), 32, 9]],
  ])('accepts %s', (_, body) => {
    expect(read([Uint8Array.from(body)])).toEqual(two)
  })

  const head = '--B\r\nContent-Range: bytes 0-1/9\r\n\r\n'
  it.each([
    ['nothing', '', /ends in the state/],
    ['no parts', '--B--\r\n', /no parts/],
    ['another boundary', head.replace('B', 'C'), /ends in the state/],
    ['no Content-Range', '--B\r\nX: y\r\n\r\n', /no Content-Range/],
    [
      'two Content-Ranges',
      head.replace('\r\n\r\n', '\r\ncontent-range: bytes 0-2/9\r\n\r\n'),
      /two Content-Ranges/,
    ],
    ['a backwards range', head.replace('0-1', '2-1'), /Content-Range " bytes 2-1\/9"/],
    ['an unsatisfied range', head.replace('0-1', '*'), /Content-Range/],
    ['a line without colon', '--B\r\nhello\r\n\r\n', /no header/],
    ['a bare line feed', head.replace('\r\n', '\n'), /CRLF/],
    ['a bare carriage return', head.replace('Content', 'Con\rtent'), /CRLF/],
    ['a body that is too long', `${head}abc\r\n--B--\r\n`, /after its range/],
    ['a body that is too short', `${head}a\r\n--B--\r\n`, /does not end with CRLF/],
    ['a cut body', `${head}a`, /"body", 1 bytes before/],
    ['a cut delimiter', `${head}ab\r\n--B-`, /ends in the state "delimiter"/],
    ['another delimiter', `${head}ab\r\n--C--\r\n`, /delimiter was expected/],
    ['a missing last delimiter', `${head}ab\r\n--B\r\n`, /"headers"/],
  ])('refuses %s', (_, text, message) => {
    const act = (): Part[] => read([latin1(text)])
    expect(act).toThrow(expect.objectContaining({ code: 'protocol' }))
    expect(act).toThrow(message)
  })

  it('holds no endless headers', () => {
    const reader = new MultipartReader('B')
    reader.push(latin1('--B\r\n'))
    const line = latin1(`X: ${'y'.repeat(1000)}\r\n`)
    const act = (): void => {
      for (let index = 0; index < 20; index++) reader.push(line)
    }
    expect(act).toThrow(/more than 16384 bytes/)
    expect(() => reader.push(new Uint8Array(0)), 'stays broken').toThrow(/more than 16384 bytes/)
    expect(() => reader.finish(), 'stays broken').toThrow(/more than 16384 bytes/)
  })

  it('ends with parts or a FerryError, whatever comes', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom('--B', '--B--', '\r\n', '\n', 'Content-Range: bytes 0-2/9', 'abc'))
        .map((words) => latin1(words.join(''))),
    )
    fc.assert(
      fc.property(fc.array(noise, { maxLength: 5 }), (pieces) => {
        try {
          read(pieces)
        } catch (error) {
          expect(error).toBeInstanceOf(FerryError)
        }
      }),
      { numRuns: 300 },
    )
  })
})
