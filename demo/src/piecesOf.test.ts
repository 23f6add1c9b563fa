import { expect, it } from 'vitest'
import { piecesOf } from './piecesOf.ts'

const state = {
  content: 'xet:00',
  url: 'https://hub.example/model.onnx',
  size: 100,
  phase: 'running' as const,
  held: 0,
  committed: [],
  releasable: [],
  inFlight: [],
  fetched: 0,
  reused: 0,
  bytesPerSecond: 0,
}
const [first, second] = [
  { start: 0, end: 40 },
  { start: 40, end: 100 },
]

/** The state of one byte: later pieces cover earlier ones. */
function at(pieces: ReturnType<typeof piecesOf>, byte: number): string | undefined {
  return pieces.findLast(({ start, end }) => start <= byte && byte < end)?.state
}

it('shows a piece from its request to its verification', () => {
  const asked = piecesOf({ ...state, inFlight: [first, second] })
  expect([at(asked, 0), at(asked, 99)]).toEqual(['flight', 'flight'])
  const arrived = piecesOf({ ...state, committed: [first], inFlight: [second] })
  expect([at(arrived, 0), at(arrived, 99)]).toEqual(['here', 'flight'])
  const proven = piecesOf({
    ...state,
    committed: [first],
    inFlight: [second],
    releasable: [first],
  })
  expect([at(proven, 0), at(proven, 99)]).toEqual(['proven', 'flight'])
})

it('shows a complete file as verified', () => {
  expect(piecesOf({ ...state, phase: 'complete', held: 100 })).toEqual([
    { start: 0, end: 100, state: 'proven' },
  ])
})
