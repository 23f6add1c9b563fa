import { grantOf } from '../auth/index.ts'
import type { Hasher } from '../codec/index.ts'
import type { ByteRange } from '../core/index.ts'
import type { Fetch, Net } from '../net/index.ts'
import type { Channel, FileInfo, Refusal } from '../protocol/index.ts'
import type { Reconstructions } from '../reconstruction/index.ts'
import type { Store } from '../store/index.ts'

/** Whose question it is, and until when. */
export interface SourceOptions {
  /** The request's own credential, as `joinCredential` makes it of header and address; undefined: it has none. */
  readonly authorization?: string | undefined
  /** Whether the configured credential is none of the asker's. */
  readonly anonymous?: boolean | undefined
  /** The page or worker that asks, by the name its realm is known under; undefined: nobody in particular. */
  readonly client?: string | undefined
  /** Whether that is a page, which may have a loader of its own; a worker has its page's, whichever that is. */
  readonly page?: boolean | undefined
  /** The commit that is meant where the URL names a branch, 40 hex; undefined: the one that the asker sees. */
  readonly commit?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether to wait as long as a server asks for; a page's request is soon answered with what the server said. */
  readonly patient?: boolean
  /**
   * `always`: the server is asked what the file is, however fresh the known answer; `never`: only where nothing is
   * known. Absent: as the answer's own freshness says.
   */
  readonly recheck?: 'always' | 'never' | undefined
  /** Whether a probe fetches its byte at once, not in the hope that somebody loads the file. */
  readonly hurry?: boolean | undefined
  /** What the asker was already given of the file; should it turn out wrong, the demand fails. */
  readonly before?: Delivered | undefined
}

/** Where answers come from: the engine itself, or one in another realm. */
export interface FileSource {
  /** What the hub says about a URL without secrets, from the device where that is fresh enough. */
  info(url: string, options: SourceOptions): Promise<FileVerdict>
  /** The finished file. */
  stored(info: FileInfo): Promise<Blob | undefined>
  /** Starts or joins the load of a file. */
  demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<DownloadReader>
  /**
   * The first byte of a file that is not here, without loading the file: of a load that others begin within
   * seconds, else by a request of its own.
   */
  probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>>
}

/** Somebody's wish for a stretch of a file; while one is open the file is being loaded. */
export interface DownloadReader {
  readonly info: FileInfo
  /** What was read so far, also by way of loads before this one. */
  readonly taken: Delivered
  /**
   * Waits until the way that brings the file has shown that it works.
   *
   * @param ms how long at most, milliseconds
   * @param patienceMs how long a server may ask to be left alone, milliseconds
   * @returns whether bytes have come, or will after such a pause
   * @throws FerryError when the load failed
   */
  begun(ms: number, patienceMs: number): Promise<boolean>
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

/** What a reader was given of a file; a load that died leaves it to the next one. */
export interface Delivered {
  readonly range: ByteRange
  /** Stretches of it that were not proven when they were given. */
  readonly doubtful: readonly ByteRange[]
  /** Which transfer they came from, and answers for them. */
  readonly transfer?: string | undefined
}

/** What a file is, or the answer that says why there is none. */
export type FileVerdict = { readonly info: FileInfo } | { readonly refusal: Refusal }

/** Who sees a branch. */
export interface Viewer {
  /** Under which the hub's answers are kept, beside those for everybody. */
  readonly grant: string
  /** As in `SourceOptions`; undefined: sees the newest, whenever it asks. */
  readonly client: string | undefined
}

/** Who asks for a file: what the device may answer, and what is sent to the hub. */
export interface Asker {
  /** Under which the hub's answers are kept, and given again. */
  readonly grant: string
  /**
   * The `Authorization` to ask the hub with; undefined: none.
   *
   * @throws FerryError `network` when the page cannot say
   */
  readonly authorization: () => Promise<string | undefined>
  /** The same asker after a 401: with another credential; undefined where there is none. */
  readonly renewed: (refused: string) => Promise<Asker | undefined>
  /** Whether what the hub said may be kept; no longer after a sign-out or for another user. */
  readonly isCurrent: () => Promise<boolean>
}

/**
 * An asker who is known by the credential alone.
 *
 * @param authorization header value; undefined: nobody in particular
 */
export async function askerOf(authorization: string | undefined): Promise<Asker> {
  return {
    grant: await grantOf(authorization),
    authorization: async () => authorization,
    renewed: async () => undefined,
    isCurrent: async () => true,
  }
}

/** What a transfer works with; everything outside of it comes in here. */
export interface DownloadTools {
  readonly net: Net
  readonly store: Store
  readonly reconstructions: Reconstructions
  readonly hasher: Hasher
  /** Range requests side by side; Chromium opens 6 connections to an HTTP/1.1 host. */
  readonly connections: number
  /** How long a piece's answer may take to begin, milliseconds. Default: what the retry policy says. */
  readonly pieceMs?: number | undefined
  /** Settles when the device is online again; at once when it is, or when nobody can tell. */
  readonly online: (signal: AbortSignal) => Promise<void>
}

/** What the engine needs beside what transfers need. */
export interface EngineTools extends DownloadTools {
  /** Whether files may be fetched in chunks from Xet storage. Default: true. */
  readonly xet?: boolean
  readonly channel: Channel
  /**
   * Authorization for a file's own origin, from configuration; undefined: none. With one that was refused,
   * the one to use instead.
   */
  readonly authorize: (url: string, refused?: string) => Promise<string | undefined>
  /** Who asks for a URL, where the request brings no credential of its own. */
  readonly asker: (url: string) => Promise<Asker>
  /**
   * For file infos, in place of `net.fetch`: leaves a 401 as it is. What is learned is kept under the token it
   * was learned with, so it is the engine that has to know of another one.
   */
  readonly bareFetch: Fetch
}
