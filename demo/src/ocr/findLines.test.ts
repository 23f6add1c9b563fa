import { describe, expect, it } from 'vitest'
import { findLines } from './findLines.ts'
import type { InkMask } from './InkMask.ts'

/** A mask from a drawing: `#` is ink. Each character stands for a block of 8 by 8 pixels. */
function draw(...rows: string[]): InkMask {
  const block = 8
  const width = (rows[0]?.length ?? 0) * block
  const height = rows.length * block
  const data = new Uint8Array(width * height)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      data[y * width + x] = rows[Math.floor(y / block)]?.[Math.floor(x / block)] === '#' ? 1 : 0
    }
  }
  return { data, width, height }
}

describe('findLines', () => {
  it('finds nothing on blank paper', () => {
    expect(findLines(draw('......', '......'))).toEqual([])
    expect(findLines({ data: new Uint8Array(0), width: 0, height: 0 })).toEqual([])
  })

  it('crops a line to its ink, wherever it is', () => {
    expect(findLines(draw('........', '...#.#..', '...###..', '........'))).toEqual([
      { left: 24, top: 8, width: 24, height: 16 },
    ])
  })

  it('reads lines from top to bottom', () => {
    const lines = findLines(draw('.####.', '.####.', '......', '......', '..##..', '..##..'))
    expect(lines.map(({ top, left }) => [top, left])).toEqual([
      [0, 8],
      [32, 16],
    ])
  })

  it('keeps the dot with its letter', () => {
    expect(findLines(draw('.#..', '....', '.#..', '.#..', '.#..'))).toHaveLength(1)
  })

  it('ignores a slip of the pen', () => {
    const mask = draw('......', '......', '......', '.####.')
    mask.data[5] = 1
    expect(findLines(mask)).toEqual([{ left: 8, top: 24, width: 32, height: 8 }])
  })
})
