import type { ByteRange, FerryErrorCode } from '../core/index.ts'

/** What the hub says about one file: enough to answer a page's metadata questions without asking again. */
export interface FileInfo {
  /** The resolve URL as the page asked for it, without fragment. */
  readonly url: string
  /** The same file's address by its commit, where `url` names a branch: what it is fetched by and kept under. */
  readonly pinned?: string
  /** Bytes of the whole file. */
  readonly size: number
  /**
   * What the bytes are stored under: `xet:<64 hex>`, or for files that are not on Xet `etag:<digest>` of
   * SHA-256 and length where known, else of ETag, length and URL. Same id, same bytes.
   */
  readonly content: string
  /** Xet file hash, 64 hex; undefined: the file is fetched from the URL itself. */
  readonly xetHash?: string
  /** Ordinary hex SHA-256 (`X-Linked-ETag`, when it looks like one). */
  readonly sha256?: string
  /** Quoted, as the page shall see it: `X-Linked-ETag`, else `ETag`. */
  readonly etag?: string
  /** `X-Repo-Commit`. */
  readonly commit?: string
  readonly contentType?: string
  readonly lastModified?: string
  /** What else the server said with the file, lower-case names; repeated with every answer. */
  readonly headers?: readonly (readonly [string, string])[]
  /** Local epoch milliseconds until which it need not be confirmed; absent: as the kind of its address says. */
  readonly freshUntil?: number
  /** Whether the server redirects those who ask for it. */
  readonly moved?: boolean
  /** Whether the server says that others may be given another file, or none. */
  readonly personal?: boolean
  /** `Link rel="xet-auth"`: where a CAS read token comes from. */
  readonly tokenUrl?: string
  /** `Link rel="xet-reconstruction-info"` (V1 form), for its origin. */
  readonly reconstructionUrl?: string
  /** Whether the origin offers byte ranges; only matters when `xetHash` is undefined. */
  readonly ranges?: boolean
  /** Epoch milliseconds of the answer this was read from. */
  readonly fetchedAt: number
}

/** An answer of the hub that is no file: reaches the page unchanged. */
export interface Refusal {
  readonly status: number
  readonly statusText: string
  /** Readable headers, lower-case names. */
  readonly headers: readonly (readonly [string, string])[]
  /** At most 64 KiB. */
  readonly body: Uint8Array<ArrayBuffer>
}

/** A model file on the device, complete or on its way. */
export interface HeldFile {
  /** By branches first, then by commits. */
  readonly urls: readonly string[]
  /** `xet:<hash>` or `etag:<digest>`: same id, same bytes. */
  readonly content: string
  /** Bytes of the whole file, and of what is here. */
  readonly size: number
  readonly held: number
  readonly complete: boolean
  /** Commit that its newest URL led to. */
  readonly revision?: string
  /** Entity tag that its newest URL is answered with, quoted. */
  readonly etag?: string
  /** Epoch milliseconds. */
  readonly lastUsed: number
  /** What proves it; `no`: its server tells no hash, so that only its length and ETag are known. */
  readonly verified?: 'xet' | 'sha256' | 'no'
  readonly pinned: boolean
}

/** A file that a library keeps beside the one modelferry holds. */
export interface KeptCopy {
  readonly url: string
  /** Name of the cache (`transformers-cache`, `webllm/model`, …), or `wllama` for that library's folder. */
  readonly place: string
  /** Bytes. */
  readonly size: number
  /**
   * Whether it is an answer of ours with the bytes of the file that is here, proven by hash. Only such copies
   * are removed, and none of wllama's: a file fails under its reader when it is removed, an entry of a cache
   * does not.
   */
  readonly removable: boolean
}

/** Room on the device, in bytes. */
export interface DeviceUsage {
  /** By everything of this origin, as the browser estimates it. */
  readonly used: number
  /** What the browser allows this origin. */
  readonly quota: number
  /** By model files. */
  readonly held: number
  /** Count of model files, complete and partial. */
  readonly files: number
  /** By what hubs say of models: listings and pointers. */
  readonly notes: number
  /** By scripts and WebAssembly of model runtimes. */
  readonly runtimes: number
  /** What libraries keep a second time of the files that are here. */
  readonly copies: readonly KeptCopy[]
}

/** How one file of a repository differs between two commits. */
export interface FileChange {
  /** Within the repository. */
  readonly path: string
  readonly change: 'changed' | 'added' | 'removed' | 'same'
  /** Bytes of the whole file as it is then; 0 for a removed one. */
  readonly size: number
  /** Bytes of it that neither this file nor another one on the device holds. */
  readonly bytes: number
}

/** What the newest commit of a branch would bring to the device. */
export interface RevisionChange {
  /** The commit that new pages get without network, 40 hex. */
  readonly from: string
  /** The branch's commit on the hub, 40 hex. */
  readonly to: string
  /** Files of the branch that the device knows, or was told not to be there. */
  readonly files: readonly FileChange[]
  /** Bytes of all files that would have to be fetched, unpacked. */
  readonly bytes: number
}

/** A file that is on the device now, as the loader tells its page. */
export interface LoadedFile {
  /** As asked, without fragment. */
  readonly url: string
  readonly content: string
  /** Bytes. */
  readonly size: number
}

/** Where the load of one file stands, as everybody on the channel may know it. */
export interface LoadState {
  /** Empty, and the size 0, while the hub has not said yet what the file is. */
  readonly content: string
  readonly url: string
  readonly size: number
  /** `waiting`: for another tab that fetches, or for a server that asked for it ({@link waiting}). */
  readonly phase: 'waiting' | 'running' | 'complete' | 'failed'
  /** Which server asked to be left alone, until when (local epoch milliseconds), and why. */
  readonly waiting?: { readonly origin: string; readonly until: number; readonly reason: ErrorData }
  /** Names who brings the file: every start of a transfer has another name. */
  readonly transfer?: string
  /** Stretches that it found on the device; it answers for these, and for all that it brings. */
  readonly inherited?: readonly ByteRange[]
  /** Bytes committed. */
  readonly held: number
  /** Which folder the bringer writes to: announced bytes lie there, and not in one begun since. */
  readonly place?: string
  /** Stretches that are on the device, proven or not. */
  readonly committed: readonly ByteRange[]
  /** Stretches of the file that may leave for the page. */
  readonly releasable: readonly ByteRange[]
  /** Those among them whose hashes matched already; absent: none. */
  readonly proven?: readonly ByteRange[]
  /** Stretches being fetched right now. */
  readonly inFlight: readonly ByteRange[]
  /** Bytes that came from the network in this load, and that were found on the device. */
  readonly fetched: number
  readonly reused: number
  /** Stretches that may have been released and turned out wrong, each time anew; only ever grows. */
  readonly recalled?: readonly ByteRange[]
  readonly bytesPerSecond: number
  /** Local epoch milliseconds when the presigned URLs in use expire. */
  readonly deadline?: number
  readonly error?: ErrorData
}

/** What a page may hear of, by name and detail. */
export interface FerryEventMap {
  readonly progress: LoadState
  readonly renewed: { readonly content: string; readonly url: string; readonly generation: number }
  /** A request has to wait: the server asked for it, or something failed and is tried again. */
  readonly waiting: {
    /** Of the file that waits. */
    readonly url: string
    /** Which server is waited for. */
    readonly origin: string
    /** Local epoch milliseconds. */
    readonly until: number
    /** From now until then. */
    readonly delayMs: number
    readonly reason: ErrorData
  }
  readonly evicted: { readonly content: string }
  readonly fault: ErrorData
}

/** One of them, as it crosses the channel. */
export type FerryEvent = {
  [Name in keyof FerryEventMap]: { readonly name: Name; readonly detail: FerryEventMap[Name] }
}[keyof FerryEventMap]

/** A FerryError as plain data: structured clone drops the class, `code` and `name` of an error. */
export interface ErrorData {
  readonly code: FerryErrorCode
  readonly message: string
  readonly retryable: boolean
  readonly url?: string
  readonly status?: number
  readonly errorCode?: string
}
