import type { Realm } from './Realm.ts'

/** What one run of a client cost: a cell of the table that {@link CellTable} prints. */
export interface Cell {
  readonly client: string
  readonly realm: Realm
  readonly load: 'cold' | 'warm' | 'offline'
  /** That reached hub or storage, preflights apart. */
  readonly requests: number
  /** Of their bodies. */
  readonly bytes: number
  /** From asking the client to its answer. */
  readonly ms: number
}
