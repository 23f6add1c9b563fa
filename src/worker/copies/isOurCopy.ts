import type { HeldFile } from '../../protocol/HeldFile.ts'

/**
 * Whether what a cache keeps for a URL is what we answered it with, and still the file we hold. A cache keeps
 * an answer's headers; what came from elsewhere, or is of another revision, is none of ours.
 *
 * @param headers of the kept answer
 * @param file that is held for the same URL
 */
export function isOurCopy(headers: Headers, file: HeldFile): boolean {
  const proven = file.complete && (file.verified === 'xet' || file.verified === 'sha256')
  const ours = ['hit', 'stream'].includes(headers.get('x-modelferry') ?? '')
  const same =
    headers.get('etag') === file.etag && headers.get('content-length') === String(file.size)
  return proven && ours && same && file.etag !== undefined
}
