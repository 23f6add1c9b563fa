import type { Taken } from './Taken.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'

/** Somebody's wish for a stretch of a file; while one is open the file is being loaded. */
export interface Demand {
  readonly info: FileInfo
  /** What was read so far, also by way of loads before this one. */
  readonly taken: Taken
  /**
   * Waits until the byte at `position` may leave.
   *
   * @returns end of the unbroken stretch that may leave from there
   * @throws FerryError when the load failed, or `integrity` when bytes already read turned out wrong
   */
  until(position: number, signal?: AbortSignal): Promise<number>
  /** Bytes within a stretch that `until` allowed. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>
  /** Ends the wish; safe to call twice. */
  release(): void
}
