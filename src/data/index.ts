// What modelferry says about files, as plain data: file info, stored files, loads, events, errors. Types only.
// Knows no messages and no storage. It is small enough for one module, so that the definitions are here.
// Start with FileInfo (what a hub says), then HeldFile (what is on the device) and LoadState (what is being fetched).
import type { ByteRange, FerryErrorCode } from '../core/index.ts'

/** The hub's metadata of one file: enough to answer a page's metadata requests without another request. */
export interface FileInfo {
  /** The resolve URL as the page requested it, without fragment. */
  readonly url: string
  /** The same file's URL with its commit, when `url` names a branch. It is used to fetch and to store the file. */
  readonly pinned?: string
  /** Bytes of the whole file. */
  readonly size: number
  /**
   * Content id: `xet:<64 hex>`, followed by `+sha256:<64 hex>` where the hub announces that too. For files that are not
   * on Xet `etag:<digest>` of SHA-256 and length if known, otherwise of ETag, length and URL; `sha256:<64 hex>` for one
   * that came whole with its info. Same id, same bytes.
   */
  readonly content: string
  /** Xet file hash, 64 hex; undefined: the file is fetched from the URL itself. */
  readonly xetHash?: string
  /** SHA-256 in hex (`X-Linked-ETag`, when it has that form). */
  readonly sha256?: string
  /** Quoted, as shown to the page: `X-Linked-ETag`, else `ETag`. */
  readonly etag?: string
  /** `X-Repo-Commit`. */
  readonly commit?: string
  readonly contentType?: string
  readonly lastModified?: string
  /** Other headers of the server's response, lower-case names; added to every response. */
  readonly headers?: readonly (readonly [string, string])[]
  /** Local epoch milliseconds until which no revalidation is needed; absent: the default of its kind of URL. */
  readonly freshUntil?: number
  /** Whether the server redirects requests for it. */
  readonly moved?: boolean
  /** Whether the response is for one user only: other users may get another file, or none. */
  readonly personal?: boolean
  /** `Link rel="xet-auth"`: source of a CAS read token. */
  readonly tokenUrl?: string
  /** `Link rel="xet-reconstruction-info"` (V1 form), for its origin. */
  readonly reconstructionUrl?: string
  /** Whether the origin supports byte ranges; used only when `xetHash` is undefined. */
  readonly ranges?: boolean
  /** When the response it was read from was requested, epoch milliseconds. */
  readonly fetchedAt: number
}

/** A response of the hub without a file: it reaches the page unchanged. */
export interface Refusal {
  readonly status: number
  readonly statusText: string
  /** Readable headers, lower-case names. */
  readonly headers: readonly (readonly [string, string])[]
  /** At most 64 KiB. */
  readonly body: Uint8Array<ArrayBuffer>
}

/** A model file on the device, complete or partial. */
export interface HeldFile {
  /**
   * By branches first, then by commits. Empty where no URL leads to the bytes now: after a sign-out, or when their server
   * has replaced or refused the file. An authorised request for the same content uses them again.
   */
  readonly urls: readonly string[]
  /** `xet:<hash>` (with `+sha256:<hash>`), `sha256:<hash>` or `etag:<digest>`: same id, same bytes. */
  readonly content: string
  /** Bytes of the whole file, and bytes on the device. */
  readonly size: number
  readonly held: number
  readonly complete: boolean
  /** Commit of its newest URL. */
  readonly revision?: string
  /** Entity tag of responses for its newest URL, quoted. */
  readonly etag?: string
  /** Epoch milliseconds. */
  readonly lastUsed: number
  /** The hash that proves it; `no`: its server gives no hash, so only its length and ETag are known. */
  readonly verified?: 'xet' | 'sha256' | 'no'
  readonly pinned: boolean
}

/** Result of hashing the stored bytes of a URL's file. */
export interface VerifyReport {
  /** How much of the file was on the device. */
  readonly state: 'complete' | 'partial' | 'absent'
  /** Whether bytes are stored, and all of them are as they were stored. */
  readonly intact: boolean
  /**
   * The server's hash that a complete file matched when it was stored; `no`: it gave none, so the bytes are unchanged since they were stored,
   * but nothing proves that they are the right ones.
   */
  readonly verified?: HeldFile['verified']
  /** Bytes of the whole file; 0 where it is absent. */
  readonly size: number
  /** Bytes on the device. */
  readonly held: number
  /** Bytes in damaged chunks; they are fetched again when the file is requested. */
  readonly damaged: number
}

/** A second copy of a file, stored by a library. */
export interface KeptCopy {
  /** URL of the file, as the library requested it. */
  readonly url: string
  /** Name of the cache (`transformers-cache`, `webllm/model`, …), or `wllama` for that library's folder. */
  readonly place: string
  /** Bytes. */
  readonly size: number
  /**
   * Whether it is a response of modelferry with the bytes of the stored file, proven by hash. Only such copies are
   * removed. wllama's copies never are: removing a file fails its reader, removing a cache entry does not.
   */
  readonly removable: boolean
}

/** Storage use on the device, in bytes. */
export interface DeviceUsage {
  /** Use of the whole origin, as estimated by the browser. */
  readonly used: number
  /** What the browser allows this origin. */
  readonly quota: number
  /** Use of model files. */
  readonly held: number
  /** Count of model files, complete and partial. */
  readonly files: number
  /** Use of hub metadata: listings and pointers. */
  readonly notes: number
  /** Use of scripts and WebAssembly of model runtimes. */
  readonly runtimes: number
  /** Second copies of stored files, stored by libraries. */
  readonly copies: readonly KeptCopy[]
}

/** The difference of one file of a repository between two commits. */
export interface FileChange {
  /** Path within the repository. */
  readonly path: string
  readonly change: 'changed' | 'added' | 'removed' | 'same'
  /** Bytes of the whole file after the change; 0 for a removed file. */
  readonly size: number
  /** Bytes of it that are in no file on the device. */
  readonly bytes: number
}

/** The changes between the commit in use and the newest commit of a branch. */
export interface RevisionChange {
  /** The commit that new pages use, 40 hex. */
  readonly from: string
  /** The branch's commit on the hub, 40 hex. */
  readonly to: string
  /** Files of the branch that the device has, or knows to be missing. */
  readonly files: readonly FileChange[]
  /** Uncompressed bytes that would have to be fetched for all files. */
  readonly bytes: number
}

/** A file that is now on the device, as the loader reports it to its page. */
export interface LoadedFile {
  /** The requested URL, without fragment. */
  readonly url: string
  readonly content: string
  /** Bytes. */
  readonly size: number
}

/** State of the load of one file, sent to all realms on the channel. */
export interface LoadState {
  /** Empty, with size 0, until the hub has sent the file's metadata. */
  readonly content: string
  readonly url: string
  readonly size: number
  /** `waiting`: for another tab that fetches, or because a server asked to wait ({@link waiting}). */
  readonly phase: 'waiting' | 'running' | 'complete' | 'failed'
  /** The server that is waited for, until when (local epoch milliseconds), and why. */
  readonly waiting?: {
    readonly origin: string
    readonly until: number
    readonly reason: ErrorData
    /** Whether the server asked for it; otherwise a failed request is about to be retried. */
    readonly asked?: true
    /** Longest such wait before the headers of a page's answer, milliseconds (`retry.patienceMs`). */
    readonly patienceMs?: number
  }
  /** Id of the transfer that fetches the file; new for every start of a transfer. */
  readonly transfer?: string
  /** Ranges that it found on the device. It vouches for these and for all bytes that it fetches. */
  readonly inherited?: readonly ByteRange[]
  /** Bytes committed. */
  readonly held: number
  /** The folder that the transfer writes to: announced bytes are there, and not in a newer folder. */
  readonly place?: string
  /** Ranges that are on the device, proven or not. */
  readonly committed: readonly ByteRange[]
  /** Ranges of the file that may be delivered to the page. */
  readonly releasable: readonly ByteRange[]
  /** Ranges whose hashes have matched, at confirmed places: ranges inside the file get them; absent: none. */
  readonly proven?: readonly ByteRange[]
  /** Ranges that are being fetched. */
  readonly inFlight: readonly ByteRange[]
  /** Bytes of this load that came from the network, and bytes that were found on the device. */
  readonly fetched: number
  readonly reused: number
  /** Ranges that may have been released and turned out wrong, one entry per time; entries are only added. */
  readonly recalled?: readonly ByteRange[]
  readonly bytesPerSecond: number
  /** Local epoch milliseconds when the presigned URLs in use expire. */
  readonly deadline?: number
  readonly error?: ErrorData
}

/** Events for pages, by name and detail. */
export interface FerryEventMap {
  /** The state of a load changed. */
  readonly progress: LoadState
  /** The presigned URLs of a file were renewed; `generation` grows with each renewal. */
  readonly renewed: { readonly content: string; readonly url: string; readonly generation: number }
  /** A request must wait: the server asked for it, or a failed attempt is retried. */
  readonly waiting: {
    /** URL of the waiting file. */
    readonly url: string
    /** Origin of the server. */
    readonly origin: string
    /** Local epoch milliseconds. */
    readonly until: number
    /** Milliseconds from now until then. */
    readonly delayMs: number
    readonly reason: ErrorData
  }
  /** A file was removed to make room for another one. */
  readonly evicted: { readonly content: string }
  /** Something failed, or had to be done in another way. */
  readonly fault: ErrorData
}

/** An event as it crosses the channel. */
export type FerryEvent = {
  [Name in keyof FerryEventMap]: { readonly name: Name; readonly detail: FerryEventMap[Name] }
}[keyof FerryEventMap]

/** How a plain GET of the page for a URL would be answered. */
export interface Explanation {
  /** Without secrets. */
  readonly url: string
  /** Whether modelferry answers it; else the page's own request is made. */
  readonly carried: boolean
  /**
   * Where the bytes come from: the device; the storage that a hub names; the hub itself; another server (`plain`); or
   * the network, by the page's own request.
   */
  readonly from: 'device' | 'storage' | 'hub' | 'plain' | 'network'
  /** What proves the bytes. */
  readonly proven: 'xet' | 'sha256' | 'no'
  /** Sentences: how the response is produced, and what prevents modelferry from answering. */
  readonly reasons: readonly string[]
}

/** A FerryError as plain data: structured clone drops the class, `code` and `name` of an error. */
export interface ErrorData {
  readonly code: FerryErrorCode
  /** What happened, with the value seen, and what to do. */
  readonly message: string
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean
  /** Without query, fragment and credentials. */
  readonly url?: string | undefined
  /** HTTP status, where there was one. */
  readonly status?: number | undefined
  /** `X-Error-Code` of the hub, where there was one. */
  readonly errorCode?: string | undefined
}
