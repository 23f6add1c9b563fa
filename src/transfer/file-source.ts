import { grantOf } from '../address/index.ts'
import type { Hasher } from '../codec/index.ts'
import { type ByteRange, type Clock, contentRange } from '../core/index.ts'
import type { Fetch, Net, Waiting } from '../net/index.ts'
import type { Channel, OwnResponse } from '../protocol/index.ts'
import type { FileInfo, LoadState, Refusal } from '../data/index.ts'
import type { Reconstructions } from '../reconstruction/index.ts'
import type { Store } from '../store/index.ts'

/** Caller and deadline of a question. */
export interface SourceOptions {
  /** The request's own credential, from `joinCredential`; undefined: none. */
  readonly authorization?: string | undefined
  /** Whether the caller must not use the configured credential. */
  readonly anonymous?: boolean | undefined
  /** Client id of the page or worker; undefined: unknown. */
  readonly client?: string | undefined
  /** Whether it is a page, which may have its own loader; a worker uses the loader of its unknown page. */
  readonly page?: boolean | undefined
  /** The commit of a URL that names a branch, 40 hex; undefined: the one that the caller sees. */
  readonly commit?: string | undefined
  readonly signal?: AbortSignal | undefined
  /** Whether to wait as long as a server asks for; a page's request soon gets the server's refusal instead. */
  readonly patient?: boolean
  /**
   * `always`: the server is asked even when the stored answer is fresh; `never`: only without a stored answer.
   * Absent: by the freshness of the stored answer.
   */
  readonly recheck?: 'always' | 'never' | undefined
  /** Whether a probe fetches its byte at once, without waiting for a download of the file. */
  readonly hurry?: boolean | undefined
  /** Whether the caller will demand the whole file: then its reconstruction is asked for before that. */
  readonly whole?: boolean | undefined
  /** Whether a demand needs the bytes on the device: they are to be kept, or another realm reads them. */
  readonly onDevice?: boolean | undefined
  /** The page's own request, whose response may answer a question about a file of which nothing is stored. */
  readonly own?: OwnResponse | undefined
  /** Whether a refusal is not reported to the pages, because the caller handles it. */
  readonly quiet?: boolean | undefined
  /** Bytes of the file that the caller already received; if they turn out wrong, the demand fails. */
  readonly before?: Delivered | undefined
}

/** A source of files: the engine of this realm, or one in another realm. */
export interface FileSource {
  /** The hub's response for a URL without secrets, from the device if that is fresh enough. */
  info(url: string, options: SourceOptions): Promise<InfoAnswer>
  /** The finished file. */
  stored(info: FileInfo): Promise<Blob | undefined>
  /** Starts or joins the download of a file. */
  demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<DownloadReader>
  /**
   * The first byte of a file that is not on the device, without loading the file: from a download that starts within
   * seconds, otherwise by a separate request.
   */
  probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>>
}

/** A demand for a range of a file; the file is loaded while one is open. */
export interface DownloadReader {
  readonly info: FileInfo
  /** The bytes read so far, also from earlier downloads. */
  readonly taken: Delivered
  /**
   * Waits until the transfer of the file has shown that it works.
   *
   * @param ms time limit, milliseconds
   * @returns whether bytes have arrived, or will arrive after a pause that the retry policy allows
   * @throws FerryError when the download failed, or waits after a failed request
   */
  begun(ms: number): Promise<boolean>
  /**
   * Waits until the byte at `position` may be delivered.
   *
   * @returns end of the contiguous range from there that may be delivered
   * @throws FerryError when the download failed, or `integrity` when bytes already read turned out wrong
   */
  until(position: number, signal?: AbortSignal): Promise<number>
  /** Bytes within a range that `until` allowed. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>
  /** Ends the demand; safe to call twice. */
  release(): void
}

/** Bytes of a file that a reader received; when its download dies, the next one takes them over. */
export interface Delivered {
  readonly range: ByteRange
  /** Whether another reader began the download, perhaps with another credential. */
  readonly joined?: boolean
  /** Ranges of it that were not proven when they were delivered. */
  readonly doubtful: readonly ByteRange[]
  /** The transfer that delivered them and vouches for them. */
  readonly transfer?: string | undefined
}

/** File info, or the refusal of the server. */
export type InfoAnswer = { readonly info: FileInfo } | { readonly refusal: Refusal }

/** The viewer of a branch. */
export interface Viewer {
  /** Grant under which the hub's answers are stored, in addition to public ones. */
  readonly grant: string
  /** As in `SourceOptions`; undefined: always sees the newest commit. */
  readonly client: string | undefined
}

/** The principal of a request: determines which stored answers it may get, and the credential for the hub. */
export interface Principal {
  /** Grant under which the hub's answers are stored and reused. */
  readonly grant: string
  /**
   * The `Authorization` for the hub; undefined: none.
   *
   * @throws FerryError `network` when the page cannot provide it
   */
  readonly authorization: () => Promise<string | undefined>
  /** The same principal after a 401, with another credential; undefined when there is none. */
  readonly renewed: (refused: string) => Promise<Principal | undefined>
  /** Whether the hub's answer may be stored: not after a sign-out, and not for another user. */
  readonly isCurrent: () => Promise<boolean>
}

/**
 * A principal that is known only by its credential.
 *
 * @param authorization header value; undefined: anonymous
 */
export async function principalOf(authorization: string | undefined): Promise<Principal> {
  return {
    grant: await grantOf(authorization),
    authorization: async () => authorization,
    renewed: async () => undefined,
    isCurrent: async () => true,
  }
}

/** The dependencies of a download. */
export interface DownloadTools {
  readonly net: Net
  readonly store: Store
  readonly reconstructions: Reconstructions
  readonly hasher: Hasher
  /** Concurrent range requests; Chromium opens 6 connections to an HTTP/1.1 host. */
  readonly connections: number
  /** Timeout of the response headers of a piece, milliseconds. Default: that of the retry policy. */
  readonly pieceMs?: number | undefined
  /** Settles when the device is online; at once when it is, or when its state is unknown. */
  readonly online: (signal: AbortSignal) => Promise<void>
  /** Responses about large files of plain servers that a download may read; absent: none is kept open. */
  readonly openResponses?: OpenResponses
}

/** A range that a reader waits for. */
export interface Wanted extends ByteRange {
  /** Whether its reader ends inside the file, so that it cannot wait for the file's hash. */
  readonly inside?: boolean
}

/** Options and callbacks of a download. */
export interface DownloadOptions {
  readonly authorization?: string | undefined
  /** Ranges that readers wait for, the most urgent first; read before every decision. */
  readonly wanted: () => readonly Wanted[]
  /** Called after every change of the progress. */
  readonly report: (view: DownloadProgress) => void
  /** Called when a request has to wait: until when (local epoch milliseconds), and why. */
  readonly waiting?: Waiting
  /** Requests the file info again after the CAS has failed; undefined: no answer. */
  readonly askAgain?: (signal: AbortSignal) => Promise<FileInfo | undefined>
  /** Called once, when the CAS has failed and bytes arrive from the file's own URL instead. */
  readonly onOwnUrl?: (reason: unknown) => void
  /**
   * The ranges that readers of this realm have not read yet; undefined when one of them needs the bytes on the device.
   * Where given, a device that becomes full does not end the download.
   */
  readonly needed?: () => readonly ByteRange[] | undefined
  /** Called when the device became full: from then on only the present readers get the bytes, and each byte once. */
  readonly onFull?: () => void
  /** Receives a small file that is proven, before it is written; absent: it is written as it comes. */
  readonly proven?: (bytes: Uint8Array<ArrayBuffer>) => void
  /** Called when all bytes came, but the device has no room to keep the file; it is open until the signal aborts. */
  readonly unkept?: (reason: unknown) => void
}

/** The part of {@link LoadState} that a download determines. */
export type DownloadProgress = Omit<
  LoadState,
  'content' | 'url' | 'size' | 'phase' | 'waiting' | 'error'
>

/** The dependencies of an engine. */
export interface EngineTools extends DownloadTools {
  /** Whether files may be fetched in chunks from Xet storage. Default: true. */
  readonly xet?: boolean
  readonly channel: Channel
  /**
   * Authorization for a file's own origin, from the configuration; undefined: none. With a refused one: its
   * replacement.
   */
  readonly authorize: (url: string, refused?: string) => Promise<string | undefined>
  /** The principal of a request for a URL without its own credential. */
  readonly principal: (url: string) => Promise<Principal>
  /**
   * For file info, in place of `net.fetch`: returns a 401 unchanged. Info is stored under the token with which it was
   * requested, so the engine must know about a replacement.
   */
  readonly bareFetch: Fetch
  /** Whether requests for a URL differ from the page's own: another address, or front-end identity. Absent: never. */
  readonly differs?: ((url: string) => boolean) | undefined
}

/** How long a response waits for the download that reads it, milliseconds: it holds a connection of its host. */
const openMs = 1000
/** The same where a download is about to start: it may have to wait for the device. */
const demandedMs = 3000

/**
 * Responses to the first question about large files of plain servers, with unread bodies. A download that starts soon
 * reads the response for its file, so that the file is not requested twice.
 */
export class OpenResponses {
  readonly #open = new Map<string, { response: Response; connection: AbortController }>()
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * @param connection ends the response when no download takes it in time
   * @param demanded whether the caller will demand the whole file
   */
  hold(
    { content }: FileInfo,
    response: Response,
    connection: AbortController,
    demanded: boolean = false,
  ): void {
    this.#open.get(content)?.connection.abort()
    const held = { response, connection }
    this.#open.set(content, held)
    const late = (): void => {
      if (this.#open.get(content) !== held) return
      this.#open.delete(content)
      connection.abort()
    }
    this.#clock.sleep(demanded ? demandedMs : openMs, connection.signal).then(late, () => undefined)
  }

  /**
   * @param signal of the download: ends the response from now on
   * @param usable whether a body from this byte of the file can be used
   */
  take(
    content: string,
    signal: AbortSignal,
    usable: (start: number) => boolean = (start) => start === 0,
  ): Response | undefined {
    const held = this.#open.get(content)
    this.#open.delete(content)
    if (held === undefined) return undefined
    if (!usable(contentRange(held.response.headers.get('content-range'))?.start ?? 0)) {
      held.connection.abort()
      return undefined
    }
    const end = (): void => held.connection.abort(signal.reason)
    signal.addEventListener('abort', end, { once: true })
    return held.response
  }
}
