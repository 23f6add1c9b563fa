import type { RunningHub } from '../hub.ts'

/** A running hub in a folder of its own, both gone when the test is over. */
export interface TestHub extends RunningHub {
  readonly folder: string
  /** What a client is told: where the hub is, and a token that may write. */
  readonly client: { readonly hubUrl: string; readonly accessToken: string }
  /** `fetch` that follows no redirect; paths are those of the hub. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
  /** Calls the hub's API, with a token that may write unless another or none is given. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    token?: string | null,
  ) => Promise<{ status: number; body: Record<string, unknown> }>
  /** Commits small text files to the branch main of `me/vad`. */
  readonly put: (files: Readonly<Record<string, string>>, title?: string) => Promise<string>
}
