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
  /** `Link rel="xet-auth"`: where a CAS read token comes from. */
  readonly tokenUrl?: string
  /** `Link rel="xet-reconstruction-info"` (V1 form), for its origin. */
  readonly reconstructionUrl?: string
  /** Whether the origin offers byte ranges; only matters when `xetHash` is undefined. */
  readonly ranges?: boolean
  /** Epoch milliseconds of the answer this was read from. */
  readonly fetchedAt: number
}
