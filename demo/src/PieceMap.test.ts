import { describe, expect, it } from 'vitest'
import { PieceMap } from './PieceMap.ts'

const state = {
  content: 'xet:00',
  url: 'https://hub.example/model.onnx',
  size: 100,
  phase: 'running' as const,
  held: 0,
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

/** The state of one byte: what is drawn last covers what was drawn before. */
function at(pieces: ReturnType<PieceMap['update']>, byte: number): string | undefined {
  return pieces.findLast(({ start, end }) => start <= byte && byte < end)?.state
}

describe('PieceMap', () => {
  it('follows a piece from its request to its proof', () => {
    const map = new PieceMap()
    const asked = map.update({ ...state, inFlight: [first, second] })
    expect([at(asked, 0), at(asked, 99)]).toEqual(['flight', 'flight'])
    const arrived = map.update({ ...state, held: 40, inFlight: [second] })
    expect([at(arrived, 0), at(arrived, 99)]).toEqual(['here', 'flight'])
    const proven = map.update({ ...state, held: 40, inFlight: [second], releasable: [first] })
    expect([at(proven, 0), at(proven, 99)]).toEqual(['proven', 'flight'])
  })

  it('shows a piece that is asked for again as on its way', () => {
    const map = new PieceMap()
    map.update({ ...state, inFlight: [first] })
    map.update(state)
    expect(at(map.update({ ...state, inFlight: [first] }), 0)).toBe('flight')
  })

  it('forgets what turned out to be damaged', () => {
    const map = new PieceMap()
    map.update({ ...state, inFlight: [first] })
    map.update({ ...state, held: 40 })
    expect(map.update({ ...state, held: 0 })).toEqual([])
  })

  it('takes a complete file for proven from end to end', () => {
    expect(new PieceMap().update({ ...state, phase: 'complete', held: 100 })).toEqual([
      { start: 0, end: 100, state: 'proven' },
    ])
  })
})
