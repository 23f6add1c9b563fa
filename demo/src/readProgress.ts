import type { Piece, PieceState } from './Piece.ts'
import type { Progress } from './Progress.ts'

interface Stretch {
  readonly start: number
  readonly end: number
}

/** The part of a `progress` event that the demo shows. */
interface LoadState {
  readonly url: string
  readonly size: number
  readonly phase: string
  readonly held: number
  readonly releasable: readonly Stretch[]
  readonly inFlight: readonly Stretch[]
  readonly deadline?: number
}

/** Turns a `progress` event's detail into what the panels draw. */
export function readProgress(detail: unknown): Progress {
  const { url, size, phase, held, releasable, inFlight, deadline } = detail as LoadState
  const pieces =
    phase === 'complete'
      ? [{ start: 0, end: size, state: 'proven' as const }]
      : [
          ...inFlight.map((run) => piece(run, 'flight')),
          ...releasable.map((run) => piece(run, 'proven')),
        ]
  return {
    url,
    size,
    held: phase === 'complete' ? size : Math.min(held, size - 1),
    pieces,
    deadline,
  }
}

function piece({ start, end }: Stretch, state: PieceState): Piece {
  return { start, end, state }
}
