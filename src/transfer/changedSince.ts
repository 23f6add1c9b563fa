import type { FileInfo } from '../protocol/FileInfo.ts'
import { isSizeCertain } from '../reconstruction/isSizeCertain.ts'
import { totalLength } from '../reconstruction/totalLength.ts'

/**
 * Whether an answer of a plain server shows that the file is another one than it was when its information
 * was read. Ranges of two versions put together have the right length, and where the server tells no hash
 * nothing else would notice. What the answer does not tell, or a page of another origin may not read,
 * counts as unchanged.
 *
 * @returns what differs, for the error; undefined when nothing does
 * Sources: RFC 9110, sections 8.8.3 (entity tags) and 14.4 (Content-Range).
 */
export function changedSince(
  { size, etag }: Pick<FileInfo, 'size' | 'etag'>,
  response: Pick<Response, 'status' | 'headers' | 'type'>,
): string | undefined {
  const { headers } = response
  const length = lengthTold(response)
  if (length !== null && length !== size) return `it had ${size} bytes and has ${length}`
  const tag = headers.get('x-linked-etag') ?? headers.get('etag')
  if (tag !== null && etag !== undefined && plain(tag) !== plain(etag))
    return `its ETag was ${etag.slice(0, 80)} and is ${tag.slice(0, 80)}`
  return undefined
}

function lengthTold(response: Pick<Response, 'status' | 'headers' | 'type'>): number | null {
  if (response.status === 206) return totalLength(response.headers.get('content-range'))
  return isSizeCertain(response) ? Number(response.headers.get('content-length')) : null
}

/** Servers that compress mark the tag of what they compressed: as weak, or by a suffix. */
function plain(tag: string): string {
  const bare = tag.trim().replace(/^W\//, '').replaceAll('"', '')
  return bare.replace(/[-;:]+(?:gzip|br|zstd|deflate)$/, '')
}
