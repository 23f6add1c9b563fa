import { FerryError } from '../core/FerryError.ts'
import { contentId } from './contentId.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { isSizeCertain } from './isSizeCertain.ts'
import { linkedSha256 } from './linkedSha256.ts'
import { makeFileInfo } from './makeFileInfo.ts'
import { totalLength } from './totalLength.ts'

/** From this size on it is worth a request to learn whether ranges are offered, bytes. */
const worthRanges = 8 * 2 ** 20

/**
 * Reads off an ordinary answer what there is to know of a file that is not on Xet.
 *
 * @param response the answer for the whole file; its body is already read or cancelled
 * @param url what the page calls it, without fragment: the server's tags tell its versions apart
 * @param fetchedAt local epoch milliseconds
 * @param probe asks the same address for its first byte, and cancels the body
 * @param read bytes of the body, where it was read
 * @throws FerryError `protocol` when X-Linked-Size is malformed, `unsupported` when the server tells no length; such
 * a file cannot be kept, the request should go on as it is
 */
export async function plainFileInfo(
  response: Response,
  url: string,
  fetchedAt: number,
  probe: () => Promise<Response>,
  read: number | null = null,
): Promise<FileInfo> {
  const { headers } = response
  const linkedSize = parseSize(headers, 'x-linked-size')
  const told = isSizeCertain(response) ? parseSize(headers, 'content-length') : null
  let size = linkedSize ?? read ?? told
  let ranges = acceptsRanges(headers)
  if (size === null || (ranges === undefined && size >= worthRanges)) {
    const first = await probe()
    size = linkedSize ?? sizeFromProbe(first) ?? size
    ranges = first.status === 206
  }
  if (size === null) {
    const message =
      'The server tells neither Content-Length nor Content-Range, so the file cannot be kept. ' +
      'Let the server expose one of them (Access-Control-Expose-Headers).'
    throw new FerryError('unsupported', message, { url })
  }
  const linkedEtag = headers.get('x-linked-etag') ?? undefined
  const sha256 = linkedSha256(linkedEtag)
  const etag = linkedEtag ?? headers.get('etag') ?? undefined
  const lastModified = headers.get('last-modified') ?? undefined
  const commit = headers.get('x-repo-commit') ?? undefined
  return makeFileInfo({
    url,
    size,
    content: await contentId({ url, size, sha256, etag, lastModified, commit }),
    sha256,
    etag,
    commit,
    contentType: headers.get('content-type') ?? undefined,
    ranges: ranges ?? false,
    fetchedAt,
  })
}

/**
 * A request for a range is never answered compressed (platforms ask for identity), so that either header
 * counts bytes of the file.
 */
function sizeFromProbe({ status, ok, headers }: Response): number | null {
  if (status === 206 || status === 416) return totalLength(headers.get('content-range'))
  return ok && headers.get('content-encoding') === null
    ? parseSize(headers, 'content-length')
    : null
}

/** undefined: not told, or not readable across origins. */
function acceptsRanges(headers: Headers): boolean | undefined {
  return headers.get('accept-ranges')?.toLowerCase().includes('bytes')
}

function parseSize(headers: Headers, name: string): number | null {
  const text = headers.get(name)
  if (text === null) return null
  if (/^\d{1,15}$/.test(text)) return Number(text)
  const message = `The answer does not follow the protocol: ${name} is no number of bytes. Report it to whoever runs the server.`
  throw new FerryError('protocol', message)
}
