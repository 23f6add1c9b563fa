// The name under which the bytes of a file are stored. File info derives it from a server's response; store and engine
// read from it which hashes the bytes must have.

import { hexOf } from '../core/index.ts'

/** Values that distinguish the bytes of a file. */
export interface Validators {
  /** The resource. */
  readonly url: string
  readonly size: number
  /** Hex, from `X-Xet-Hash`. */
  readonly xetHash?: string | undefined
  /** Hex, from `X-Linked-ETag`. */
  readonly sha256?: string | undefined
  /** SHA-256 of the body, hex, if the response included it. */
  readonly bodySha256?: string | undefined
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
  readonly commit?: string | undefined
}

/**
 * Content id of a file. It guarantees: same id, same bytes.
 *
 * For a file on Xet it contains every hash that the hub announces, because either may be the one that proves the bytes:
 * the Xet hash, or the SHA-256 when they come from the file's own URL. Then the other one is unproven, and must not
 * lead another file to them.
 *
 * Without Xet, only a SHA-256, which is compared when the bytes arrive, makes the id independent of the URL. An ETag,
 * strong or weak, is unique only among the versions of one resource (RFC 9110, section 8.8.1): common servers derive it
 * from time and length, so equal shards of one deployment share it. Without any validator, a branch's file may change
 * with every commit.
 *
 * @example await contentId({ url, size, xetHash, sha256 }) // 'xet:<64 hex>+sha256:<64 hex>'
 */
export async function contentId(validators: Validators): Promise<string> {
  const { url, size, xetHash, sha256, bodySha256, etag = '', lastModified = '' } = validators
  if (xetHash !== undefined) return `xet:${xetHash}${sha256 ? `+sha256:${sha256}` : ''}`
  if (sha256 === undefined && bodySha256 !== undefined) return `sha256:${bodySha256}`
  const strong = etag.startsWith('"')
  const version = etag === '' ? [lastModified, validators.commit] : [strong ? '' : lastModified]
  const parts = sha256 === undefined ? [size, etag, url, ...version] : [size, sha256]
  const text = new TextEncoder().encode(JSON.stringify(parts))
  return `etag:${hexOf(await crypto.subtle.digest('SHA-256', text))}`
}

/**
 * The hashes that a content id contains; bytes are stored under it only if one of them matches. Empty for files that no
 * hash identifies, and where the id contains only a digest of the SHA-256. An id of release 0.1.0 has no SHA-256 beside
 * the Xet hash.
 */
export function hashesIn(content: string): {
  readonly xetHash?: string | undefined
  readonly sha256?: string | undefined
} {
  const [, xetHash, sha256] = form.exec(content) ?? []
  return { xetHash, sha256 }
}

const form = /^(?:xet:([0-9a-f]{64}))?\+?(?:sha256:([0-9a-f]{64}))?$/
