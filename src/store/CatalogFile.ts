import type { FilePart } from './FilePart.ts'
import type { Proof } from './Proof.ts'

/** What the catalog knows of the bytes of one content id. */
export interface CatalogFile {
  /** As in `FileInfo.content`. */
  readonly content: string
  /** Bytes of the whole file. */
  readonly size: number
  /** Folder in OPFS that holds the bytes and the journal; a healed file gets a new one. */
  readonly name: string
  readonly state: 'partial' | 'complete'
  /** How the newest writer writes: `sync` puts every byte at its own offset of one OPFS file. */
  readonly driver: 'sync' | 'pieces'
  /** Grows whenever somebody begins to write; who holds an older one may commit nothing more. */
  readonly generation: number
  /** Which journal files count: those of one generation, numbered from 0, `count` of them. */
  readonly journal: { readonly generation: number; readonly count: number }
  /** Epoch milliseconds. */
  readonly createdAt: number
  /** Epoch milliseconds, exact to a minute. */
  readonly lastUsed: number
  /** There when complete. */
  readonly proof?: Proof
  /** Never evicted. */
  readonly pinned: boolean
  /** Bytes committed. */
  readonly held: number
  /** Where the committed bytes lie, by ascending offset. Of a partial file: as of the last flush. */
  readonly parts: readonly FilePart[]
}
