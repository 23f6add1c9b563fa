import type { RunningHub } from '../hub.ts'

/** A running hub in a folder of its own, both gone when the test is over. */
export interface TestHub extends RunningHub {
  readonly folder: string
  /** What a client is told: where the hub is, and a token that may write. */
  readonly client: { readonly hubUrl: string; readonly accessToken: string }
  /** `fetch` that follows no redirect; paths are those of the hub. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
}
