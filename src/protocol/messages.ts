import type { ByteRange, FilePatterns } from '../core/index.ts'
import type { Pause, RetryPolicy } from '../net/index.ts'
import type {
  FileInfo,
  Refusal,
  ErrorData,
  FerryEvent,
  DeviceUsage,
  HeldFile,
  KeptCopy,
  LoadedFile,
  RevisionChange,
} from './files.ts'

/** Whether the loader is not the asker's own: then it lends its token to nobody. */
type Anonymous = boolean

/** Stands for an Authorization header: `resolveCredential` of the loader gives it. */
type CredentialReference = string

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
      readonly credential?: CredentialReference
      readonly client?: string
      readonly anonymous?: Anonymous
      /** As the page's request says by its cache mode; absent: as the known answer says. */
      readonly recheck?: 'always' | 'never'
    }
    readonly answer: { readonly info: FileInfo } | { readonly refusal: Refusal }
  }
  /** Begins to load a file; held by `hold` until `release`. */
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
  /** Keeps files of the app itself for offline use; answered by the service worker with this script URL. */
  readonly shell: {
    readonly ask: { readonly script: string; readonly urls: readonly string[] }
    readonly answer: number
  }
  /** The first byte of a file that is not here. */
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
  /** Id of the one realm meant; absent: everybody. */
  readonly to?: string
}

type Asked = {
  [Name in QuestionName]: { readonly name: Name; readonly ask: Questions[Name]['ask'] }
}[QuestionName]

/** Everything that crosses the channel. */
export type Envelope = Address &
  (
    | ({ readonly kind: 'ask'; readonly id: string } & Asked)
    | { readonly kind: 'answer'; readonly id: string; readonly answer: unknown }
    | { readonly kind: 'error'; readonly id: string; readonly error: ErrorData }
    | { readonly kind: 'cancel'; readonly id: string }
    | { readonly kind: 'hold' | 'release'; readonly demand: string }
    /** A server wants to be left alone by everybody. */
    | { readonly kind: 'pause'; readonly pause: Pause }
    | { readonly kind: 'event'; readonly event: FerryEvent }
  )

/** What the loader worker offers its page, through Comlink. Calls with an id end with `cancel(id)`. */
export interface LoaderApi {
  /**
   * Has to be the first call. The token's provider is told whether the last one was refused with 401.
   *
   * @param partition says who is signed in; null: nobody can say
   */
  configure(
    config: LoaderConfig,
    token: ((refused: boolean) => Promise<string | undefined>) | null,
    partition: (() => Promise<string | undefined>) | null,
  ): Promise<RealmVersion>
  fetch(id: string, request: CarriedRequest): Promise<CarriedResponse>
  /**
   * Brings one file onto the device.
   *
   * @param commit which one is meant where the URL names a branch; absent: the one that the page sees
   */
  load(id: string, url: string, commit?: string): Promise<LoadedFile>
  /**
   * @param hub absent: the first one
   * @returns what the newest commit of a branch would change; `base` is the branch's address up to the revision
   */
  look(
    id: string,
    branch: { repo: string; revision: string; hub?: string },
  ): Promise<{ base: string; change: RevisionChange }>
  /** Makes a commit what new pages get of a branch. */
  move(id: string, base: string, to: string): Promise<void>
  cancel(id: string): void
  files(): Promise<readonly HeldFile[]>
  /** @returns whether all bytes of the file of a URL are here, proven */
  holds(url: string): Promise<boolean>
  /** @returns whether every stored byte is what was proven; what is not is fetched again when it is asked for */
  verify(url: string): Promise<boolean>
  remove(url: string): Promise<boolean>
  clear(): Promise<void>
  pin(url: string, pinned: boolean): Promise<void>
  /** Takes back what may be answered to whoever is signed in; the bytes stay. */
  signOut(): Promise<void>
  usage(): Promise<DeviceUsage>
  /** @returns what libraries kept a second time, and keep no more */
  removeCopies(id: string): Promise<readonly KeptCopy[]>
  close(): void
}

/** What the page hands to its loader worker; the token stays a function of the page. */
export interface LoaderConfig {
  /** The app's scope: tells it from other apps of the origin. */
  readonly scope: string
  /** By which id the service worker knows the page; absent: it does not, or there is none. */
  readonly client?: string
  readonly patterns: FilePatterns
  readonly retry: RetryPolicy
  /** Origins that the page's token was given for; empty: none. */
  readonly tokenOrigins: readonly string[]
  readonly frontend?: { readonly app: string; readonly origins: readonly string[] }
  /** An address that the service worker answers, to keep it alive; absent: there is none. */
  readonly ping?: string
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
  /** Digests that the body has to have; empty: none. */
  readonly integrity: string
}

/** A response as data; a stream is transferred, a blob is a handle. */
export interface CarriedResponse {
  readonly url: string
  readonly status: number
  readonly statusText: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: Blob | ReadableStream<Uint8Array<ArrayBuffer>> | null
}

/** Which build of modelferry runs in a realm. */
export interface RealmVersion {
  readonly protocol: number
  readonly version: string
  readonly build: string
}

/**
 * Grows when page, loader and service worker of two releases could misunderstand each other: with every field of what
 * crosses the channel that one of them leaves out and the other one reads. See decision 0025.
 */
export const protocolNumber = 2

/** The one BroadcastChannel over which pages, loaders and the service worker of an origin talk. */
export const channelName = 'modelferry'

/** Message from a page that asks the service worker to control it. */
export const claimMessage = 'modelferry-claim'

/** Tells a page by which id the service worker knows it, in answer to a ping. */
export const clientHeader = 'x-modelferry-client'

/**
 * Where the loader worker's script leaves its engine when a service worker imports it. A symbol, since the scope
 * may be another's.
 */
export const engineKey: unique symbol = Symbol.for('modelferry.engine')

/** Below the service worker's scope; answered by it alone, to keep it alive while bytes flow. */
export const pingPath = 'modelferry-ping'

/**
 * Path of a ping that only reaches a service worker with certain options. Chromium applies the static routes of the
 * service worker that a page was loaded under until the page is reloaded, also after another one took over.
 *
 * @param script address of the service worker, with its options
 */
export function optionsPingPath(script: string): string {
  let hash = 0
  for (const character of new URL(script).search)
    hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0
  return `${pingPath}/${(hash >>> 0).toString(36)}`
}
