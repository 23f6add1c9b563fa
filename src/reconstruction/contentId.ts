/** What tells one version of a file that is not on Xet from another. */
export interface Validators {
  /** Without fragment. */
  readonly url: string
  readonly size: number
  /** Hex, from `X-Linked-ETag`. */
  readonly sha256?: string | undefined
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  readonly commit?: string | undefined
}

/**
 * What the bytes of such a file are stored under. The promise is: same id, same bytes.
 *
 * Only a SHA-256, which is checked when the bytes arrive, makes the id independent of the address. An
 * ETag, strong or not, is unique among the versions of one resource only (RFC 9110, section 8.8.1): common
 * servers make it from time and length, so that equal shards of one deployment share it. Where there is none, a
 * branch's file may be another one with every commit.
 */
export async function contentId(validators: Validators): Promise<string> {
  const { url, size, sha256, etag = '', lastModified = '', commit } = validators
  const strong = etag.startsWith('"')
  const version = etag === '' ? [lastModified, commit] : [strong ? '' : lastModified]
  const parts = sha256 === undefined ? [size, etag, url, ...version] : [size, sha256]
  const text = new TextEncoder().encode(JSON.stringify(parts))
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return `etag:${[...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}
