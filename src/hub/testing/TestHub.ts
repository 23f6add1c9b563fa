import type { RunningHub } from '../hub.ts'

/** A running hub in a separate folder, both removed after the test. */
export interface TestHub extends RunningHub {
  readonly folder: string
  /** Options of a client: the hub's URL, and a token that may write. */
  readonly client: { readonly hubUrl: string; readonly accessToken: string }
  /** `fetch` that follows no redirect; paths are those of the hub. */
  readonly get: (path: string, init?: RequestInit) => Promise<Response>
  /** Calls the hub's API, by default with a token that may write. */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    token?: string | null,
  ) => Promise<{ status: number; body: Record<string, unknown> }>
  /** Commits small text files to the branch main of `me/vad`. */
  readonly put: (files: Readonly<Record<string, string>>, title?: string) => Promise<string>
}
