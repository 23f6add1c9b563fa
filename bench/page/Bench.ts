import type { BenchFile } from '../stage/BenchFile.ts'

/** One load, measured in the page. */
export interface PageLoad {
  /** From the call to the last byte, milliseconds. */
  readonly ms: number
  /** From the call to the response, milliseconds. */
  readonly headers: number
  readonly size: number
  /** Source of the response: modelferry's label, or null for the server. */
  readonly label: string | null
  /** Hash of the bytes, hex digits; only when requested. */
  readonly sha256?: string
}

/** Times from the call of `fetch`, milliseconds. */
export interface PageTimes {
  readonly headers: number
  readonly firstByte: number
  readonly lastByte: number
  /** Bytes of the body. */
  readonly size: number
}

/** Times of a load and of the app's own requests during it, milliseconds. */
export interface Amid {
  readonly ms: number
  readonly requests: readonly number[]
}

export type LoadWay = 'fetch' | 'client' | 'cache'

/** The interface of the page, as `bench`. */
export interface Bench {
  /** Connects modelferry, and waits until it controls the page. */
  connect(hub: string): Promise<void>
  /** Loads a file into one buffer: by `fetch`, by the hub's client, or from the Cache API. */
  load(by: LoadWay, hub: string, file: BenchFile, hash: boolean): Promise<PageLoad>
  /** Stores a file where the Cache API or a bare service worker finds it. */
  store(where: 'cache' | 'opfs', hub: string, file: BenchFile): Promise<void>
  /** Registers a service worker, and waits until it controls the page. */
  register(script: string): Promise<void>
  /** Loads a file, and meanwhile sends a request of the app every 100 ms. */
  amid(hub: string, file: BenchFile, url: string): Promise<Amid>
  /** Brings a repository up to date. @returns bytes that modelferry announces */
  update(hub: string, repo: string): Promise<number>
  /**
   * Reads a file, or a range of it, to its end and keeps nothing.
   *
   * @param range the value of the header
   */
  times(hub: string, file: BenchFile, range: string | null): Promise<PageTimes>
  /** Reads a file to its end and keeps nothing. @returns number of bytes */
  drain(hub: string, file: BenchFile): Promise<number>
  /** Loads files at once. @returns milliseconds from the first call to the last byte, and the time of the first call */
  many(hub: string, files: readonly BenchFile[]): Promise<{ ms: number; at: number }>
  /** Calls of service worker and loader; see `call-counter`. */
  calls(): Promise<Calls>
}

/** The calls of all realms, or of one. */
export interface Calls {
  readonly counts: Readonly<Record<string, number>>
  readonly spans: readonly Span[]
}

/** One call of a browser API. Times are epoch milliseconds, with fractions. */
export interface Span {
  readonly realm: string
  readonly name: string
  readonly start: number
  /** Absent: it had not ended. */
  readonly end?: number
}
