import type { ByteRange } from '../core/index.ts'
import type { FilePatterns } from '../address/index.ts'
import type { Pause, RetryPolicy } from '../net/index.ts'
import type {
  FileInfo,
  Refusal,
  ErrorData,
  Explanation,
  FerryEvent,
  DeviceUsage,
  HeldFile,
  KeptCopy,
  LoadedFile,
  RevisionChange,
  VerifyReport,
} from '../data/index.ts'

/** Whether the loader belongs to another page: then its token must not be used. */
type Anonymous = boolean

/** Reference to an Authorization header; the loader resolves it with `resolveCredential`. */
type CredentialReference = string

/** Questions between realms, by name: the data that is sent and the answer. */
export interface Questions {
  /** The build of the service worker with this script URL. Other service workers of the origin do not answer. */
  readonly version: { readonly ask: { readonly script: string }; readonly answer: RealmVersion }
  /**
   * Finds loaders. The loaders of the service worker's scope answer. The loader of the page `client` reports `own`;
   * without a client, all of them do.
   */
  readonly locate: {
    readonly ask: { readonly scope: string; readonly client?: string | undefined }
    readonly answer: { readonly own: boolean }
  }
  readonly info: {
    readonly ask: {
      readonly url: string
      readonly credential?: CredentialReference
      readonly client?: string
      readonly anonymous?: Anonymous
      /** Set by the cache mode of the page's request; absent: the stored response decides. */
      readonly recheck?: 'always' | 'never'
      /** Reference to the page's own request, for `lentResponse`. */
      readonly own?: string
      /** Whether the whole file will be demanded; absent: unknown. */
      readonly whole?: boolean
    }
    readonly answer: { readonly info: FileInfo } | { readonly refusal: Refusal }
  }
  /** Starts the load of a file; kept by `keep-alive` until `release`. */
  readonly demand: {
    readonly ask: {
      readonly demand: string
      readonly info: FileInfo
      readonly range: ByteRange
      readonly credential?: CredentialReference
      readonly anonymous?: Anonymous
    }
    readonly answer: null
  }
  /** Stores files of the app itself for offline use; answered by the service worker with this script URL. */
  readonly shell: {
    readonly ask: { readonly script: string; readonly urls: readonly string[] }
    readonly answer: number
  }
  /** The first byte of a file that is not on the device. */
  readonly probe: {
    readonly ask: {
      readonly info: FileInfo
      readonly credential?: CredentialReference
      readonly anonymous?: Anonymous
      readonly hurry?: boolean
    }
    readonly answer: Uint8Array<ArrayBuffer>
  }
}

export type QuestionName = keyof Questions

interface Address {
  readonly protocol: number
  /** Id of the sending realm. */
  readonly from: string
  /** Id of the recipient; absent: all realms. */
  readonly to?: string | undefined
}

type Asked = {
  [Name in QuestionName]: { readonly name: Name; readonly ask: Questions[Name]['ask'] }
}[QuestionName]

/** All messages of the channel. */
export type Envelope = Address &
  (
    | ({ readonly kind: 'ask'; readonly id: string } & Asked)
    | { readonly kind: 'answer'; readonly id: string; readonly answer: unknown }
    | { readonly kind: 'error'; readonly id: string; readonly error: ErrorData }
    | { readonly kind: 'cancel'; readonly id: string }
    | { readonly kind: 'keep-alive' | 'release'; readonly demand: string }
    /** A loader answers from now on: a question that was sent before was lost. */
    | { readonly kind: 'here' }
    /** Readers of a realm wait for these bytes of a file; whichever realm fetches it does so in this order. */
    | {
        readonly kind: 'want'
        readonly load: string
        readonly positions: readonly number[]
        /** Those of readers whose range ends inside the file; absent: all. */
        readonly inside?: readonly number[]
      }
    /** A server asked all realms to pause. */
    | { readonly kind: 'pause'; readonly pause: Pause }
    | { readonly kind: 'event'; readonly event: FerryEvent }
  )

/** The interface of the loader worker for its page, through Comlink. Calls with an id end with `cancel(id)`. */
export interface LoaderApi {
  /**
   * Must be the first call. The token provider learns whether the last token was refused with 401.
   *
   * @param partition name of the signed-in user; null: unknown
   */
  configure(
    config: LoaderConfig,
    token: ((refused: boolean) => Promise<string | undefined>) | null,
    partition: (() => Promise<string | undefined>) | null,
  ): Promise<RealmVersion>
  fetch(id: string, request: CarriedRequest): Promise<CarriedResponse>
  /**
   * Fetches one file to the device.
   *
   * @param commit the commit of a URL that names a branch; absent: the commit that the page sees
   */
  load(id: string, url: string, commit?: string): Promise<LoadedFile>
  /**
   * Fetches one file to the device.
   *
   * @returns the stored file; its bytes are not deleted until `cancel` is called with this id, or the loader ends
   */
  file(id: string, url: string): Promise<File>
  /**
   * @param hub absent: the first hub
   * @returns the changes of the newest commit of a branch; `base` is the branch's URL up to the revision
   */
  look(
    id: string,
    branch: { repo: string; revision: string; hub?: string | undefined },
  ): Promise<{ base: string; change: RevisionChange }>
  /** Makes a commit the one that new pages get for a branch. */
  move(id: string, base: string, to: string): Promise<void>
  /** @returns how a plain GET of the page would be answered */
  explain(id: string, url: string, controlled: boolean): Promise<Explanation>
  cancel(id: string): void
  files(): Promise<readonly HeldFile[]>
  /** @returns whether all bytes of a URL's file are on the device, proven */
  holds(url: string): Promise<boolean>
  /**
   * Hashes the stored bytes of a URL's file. Damaged chunks are fetched again when they are needed.
   *
   * @returns whether the whole file is on the device and undamaged; a report if one is wanted
   */
  verify(url: string, options?: { readonly report: boolean }): Promise<boolean | VerifyReport>
  remove(url: string): Promise<boolean>
  clear(): Promise<void>
  pin(url: string, pinned: boolean): Promise<void>
  /** Deletes the grants of the signed-in user; the bytes stay. */
  signOut(): Promise<void>
  usage(): Promise<DeviceUsage>
  /** @returns the second copies of libraries that were removed */
  removeCopies(id: string): Promise<readonly KeptCopy[]>
  close(): void
}

/** Options of `connect` that only the loader reads: it checks them and fills in the defaults. */
export interface LoaderOptions {
  /** How often and how long requests are tried. Omitted values keep their defaults. */
  readonly retry?: Partial<RetryPolicy> | undefined
  /**
   * Whether files are fetched in chunks from the hub's Xet storage. `false`: every file comes from its own URL, and is
   * proven by its SHA-256. Default: true.
   */
  readonly xet?: boolean | undefined
  /**
   * Other addresses for the hosts that a hub names, by URL prefix, for networks that only let some hosts through.
   * Default: none.
   *
   * @example { 'https://cas-server.xethub.hf.co': 'https://proxy.example/cas' }
   */
  readonly endpoints?: Readonly<Record<string, string>> | undefined
  /** Whether the loader's console explains each file when it is first requested. Default: false. */
  readonly debug?: boolean | undefined
}

/** Configuration from the page to its loader worker; the token stays a function of the page. */
export interface LoaderConfig {
  /** The app's scope: distinguishes it from other apps of the origin. */
  readonly scope: string
  /** The page's client id; absent: not controlled, or no service worker. */
  readonly client?: string | undefined
  readonly patterns: FilePatterns
  readonly options: LoaderOptions
  /** Origins for which the page's token is valid; empty: none. */
  readonly tokenOrigins: readonly string[]
  readonly frontend?: { readonly app: string; readonly origins: readonly string[] } | undefined
  /** A URL that the service worker answers, to keep it alive; absent: no service worker. */
  readonly ping?: string | undefined
}

/** A request as data, since a Request cannot cross a realm. */
export interface CarriedRequest {
  readonly url: string
  readonly method: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body?: ArrayBuffer
  readonly mode: RequestMode
  readonly cache: RequestCache
  readonly credentials: RequestCredentials
  readonly redirect: RequestRedirect
  /** Subresource integrity digests of the body; empty: none. */
  readonly integrity: string
}

/** A response as data; a stream is transferred, a blob is cloned as a handle. */
export interface CarriedResponse {
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Blob | ReadableStream<Uint8Array<ArrayBuffer>> | null
}

/** The build of modelferry that runs in a realm. */
export interface RealmVersion {
  readonly protocol: number
  readonly version: string
  readonly build: string
}

/**
 * Must be incremented when page, loader and service worker of two releases could misunderstand each other: with every
 * field of a message that one release omits and the other one reads. See decision 0025.
 */
export const protocolNumber = 3

/** Name of the BroadcastChannel between pages, loaders and the service worker of an origin. */
export const channelName = 'modelferry'

/** Message from a page that asks the service worker to control it. */
export const claimMessage = 'modelferry-claim'

/** The page's client id, in the response to a ping. */
export const clientHeader = 'x-modelferry-client'

/**
 * Key under which the loader worker's script leaves its engine when a service worker imports it. It is a symbol,
 * because other code of the app may share the global scope.
 */
export const engineKey: unique symbol = Symbol.for('modelferry.engine')

/** Below the service worker's scope; answered by the service worker, to keep it alive during a transfer. */
export const pingPath = 'modelferry-ping'

/**
 * Path of a ping that reaches only a service worker with certain options. Chromium applies the static routes of the
 * service worker under which a page was loaded until the page is reloaded, also after another one took over.
 *
 * @param script script URL of the service worker, with its options
 */
export function optionsPingPath(script: string): string {
  let hash = 0
  for (const character of new URL(script).search)
    hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0
  return `${pingPath}/${(hash >>> 0).toString(36)}`
}
