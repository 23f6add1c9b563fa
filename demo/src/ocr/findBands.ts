import type { InkMask } from './InkMask.ts'

/** Rows `top` (included) to `bottom` (excluded). */
export interface Band {
  top: number
  bottom: number
}

/** Gaps up to this fraction of the taller neighbour belong to one line of writing. */
const NEAR = 0.3
/** A band lower than this fraction of its neighbour is a dot, an accent or a comma. */
const SMALL = 0.35
/** Maximum distance of a small band, as a fraction of the taller neighbour. */
const SMALL_NEAR = 0.6

/** Cuts a drawing into lines of writing where whole rows are blank. */
export function findBands(mask: InkMask): Band[] {
  const bands: Band[] = []
  for (const band of inkedRows(mask)) {
    const previous = bands.at(-1)
    if (previous !== undefined && sameLine(previous, band)) previous.bottom = band.bottom
    else bands.push(band)
  }
  return bands
}

function inkedRows({ data, width, height }: InkMask): Band[] {
  const bands: Band[] = []
  for (let row = 0; row < height; row += 1) {
    if (!data.subarray(row * width, (row + 1) * width).includes(1)) continue
    const previous = bands.at(-1)
    if (previous?.bottom === row) previous.bottom = row + 1
    else bands.push({ top: row, bottom: row + 1 })
  }
  return bands
}

function sameLine(above: Band, below: Band): boolean {
  const heights = [above.bottom - above.top, below.bottom - below.top]
  const tall = Math.max(...heights)
  const small = Math.min(...heights) < tall * SMALL
  return below.top - above.bottom <= tall * (small ? SMALL_NEAR : NEAR)
}
