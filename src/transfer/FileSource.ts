import type { ByteRange } from '../core/ByteRange.ts'
import type { Taken } from './Taken.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { Demand } from './Demand.ts'
import type { FileVerdict } from './FileVerdict.ts'

/** Whose question it is, and until when. */
export interface SourceOptions {
  /** The page's own `Authorization` header, where it sent one. */
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
  /** Whether a probe fetches its byte at once, not in the hope that somebody loads the file. */
  readonly hurry?: boolean | undefined
  /** What the asker was already given of the file; should it turn out wrong, the demand fails. */
  readonly before?: Taken | undefined
}

/** Where answers come from: the engine itself, or one in another realm. */
export interface FileSource {
  /** What the hub says about a URL, from the device where that is fresh enough. */
  info(url: string, options: SourceOptions): Promise<FileVerdict>
  /** The finished file. */
  stored(info: FileInfo): Promise<Blob | undefined>
  /** Starts or joins the load of a file. */
  demand(info: FileInfo, range: ByteRange, options: SourceOptions): Promise<Demand>
  /**
   * The first byte of a file that is not here, without loading the file: of a load that others begin within
   * seconds, else by a request of its own.
   */
  probe(info: FileInfo, options: SourceOptions): Promise<Uint8Array<ArrayBuffer>>
}
