import type { BenchFile } from '../stage/BenchFile.ts'

/** One load as the page saw it. */
export interface PageLoad {
  /** From the call to the last byte, milliseconds. */
  readonly ms: number
  readonly size: number
  /** What answered: modelferry's label, or null when it was the server. */
  readonly label: string | null
  /** Of the bytes, hex digits; only where it was asked for. */
  readonly sha256?: string
}

/** What the page offers as `bench`. */
export interface Bench {
  /** Connects modelferry, and waits until it controls the page. */
  connect(hub: string): Promise<void>
  /** Loads a file into one buffer. */
  load(by: 'fetch' | 'client', hub: string, file: BenchFile, hash: boolean): Promise<PageLoad>
  /** Reads a file to its end and keeps nothing. @returns how many bytes came */
  drain(hub: string, file: BenchFile): Promise<number>
}
