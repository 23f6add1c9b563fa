import type { LoadState } from 'modelferry'
import type { Piece, PieceState } from './Piece.ts'

type Stretch = LoadState['inFlight'][number]

/**
 * What became of each piece of one file, from one `progress` event to the next. The events name what
 * is on its way and what is proven; what was on its way, no longer is and is not proven yet, is here.
 */
export class PieceMap {
  readonly #asked = new Map<string, Stretch>()
  #held = 0

  /** @returns the pieces in the order they are to be drawn, the surest last */
  update({ size, phase, held, inFlight, releasable }: LoadState): Piece[] {
    // Fewer bytes than before: something turned out damaged, and nobody knows here what it was.
    if (held < this.#held) this.#asked.clear()
    this.#held = held
    if (phase === 'complete') return [{ start: 0, end: size, state: 'proven' }]
    for (const stretch of inFlight) this.#asked.set(`${stretch.start}-${stretch.end}`, stretch)
    return [
      ...[...this.#asked.values()].map((stretch) => piece(stretch, 'here')),
      ...inFlight.map((stretch) => piece(stretch, 'flight')),
      ...releasable.map((stretch) => piece(stretch, 'proven')),
    ]
  }
}

function piece({ start, end }: Stretch, state: PieceState): Piece {
  return { start, end, state }
}
