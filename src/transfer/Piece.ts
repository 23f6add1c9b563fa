import type { Descriptor } from '../reconstruction/Descriptor.ts'
import type { Run } from '../reconstruction/Run.ts'
import type { Span } from './Span.ts'

/** The chunk run of one descriptor: unit of fetch, commit and retry. */
export interface Piece {
  readonly span: Span
  readonly descriptor: Descriptor
  /** Where its chunks go; several when the file repeats itself. */
  readonly runs: readonly Run[]
}
