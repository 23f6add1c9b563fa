import type { ByteRange } from '../core/ByteRange.ts'
import type { FileInfo } from './FileInfo.ts'
import type { RealmVersion } from './RealmVersion.ts'
import type { Refusal } from './Refusal.ts'

/** Whether the loader is not the asker's own: then it lends its token to nobody. */
type Anonymous = boolean

/** What the service worker asks a loader, by name: what is sent and what comes back. */
export interface Questions {
  /** Which build is the service worker with this script URL of? Others on the origin do not answer. */
  readonly version: { readonly ask: { readonly script: string }; readonly answer: RealmVersion }
  /**
   * Who is there? Answered by the loaders of a service worker's scope. That of the page `client` is its own;
   * without a client, all of them are.
   */
  readonly roll: {
    readonly ask: { readonly scope: string; readonly client?: string | undefined }
    readonly answer: { readonly own: boolean }
  }
  readonly info: {
    readonly ask: {
      readonly url: string
      readonly authorization?: string
      readonly client?: string
      readonly anonymous?: Anonymous
    }
    readonly answer: { readonly info: FileInfo } | { readonly refusal: Refusal }
  }
  /** Begins to load a file; held by `hold` until `release`. */
  readonly demand: {
    readonly ask: {
      readonly demand: string
      readonly info: FileInfo
      readonly range: ByteRange
      readonly authorization?: string
      readonly anonymous?: Anonymous
    }
    readonly answer: null
  }
  /** Keeps files of the app itself for offline use; answered by the service worker with this script URL. */
  readonly shell: {
    readonly ask: { readonly script: string; readonly urls: readonly string[] }
    readonly answer: number
  }
  /** The first byte of a file that is not here. */
  readonly probe: {
    readonly ask: {
      readonly info: FileInfo
      readonly authorization?: string
      readonly anonymous?: Anonymous
      readonly hurry?: boolean
    }
    readonly answer: Uint8Array<ArrayBuffer>
  }
}

export type QuestionName = keyof Questions
