import type { FileInfo } from '../protocol/FileInfo.ts'
import { contentTypeOf } from './contentTypeOf.ts'

/** How an answer came about, as `x-modelferry` says it. */
export type AnswerLabel = 'hit' | 'stream' | 'unproven' | 'unkept'

/**
 * Headers that every answer about a file carries, whatever part of it the body holds. What libraries read of
 * the hub's own answers is kept.
 */
export function answerHeaders(info: FileInfo, label: AnswerLabel): Headers {
  const { url, size, etag, commit, sha256, xetHash, tokenUrl, reconstructionUrl } = info
  const headers = new Headers({
    'accept-ranges': 'bytes',
    'content-type': contentTypeOf(url),
    'x-linked-size': String(size),
    'x-modelferry': label,
  })
  if (etag !== undefined) headers.set('etag', etag)
  if (commit !== undefined) headers.set('x-repo-commit', commit)
  if (sha256 !== undefined) headers.set('x-linked-etag', `"${sha256}"`)
  if (xetHash !== undefined) headers.set('x-xet-hash', xetHash)
  const links = [
    tokenUrl && `<${tokenUrl}>; rel="xet-auth"`,
    reconstructionUrl && `<${reconstructionUrl}>; rel="xet-reconstruction-info"`,
  ].filter(Boolean)
  if (links.length > 0) headers.set('link', links.join(', '))
  return headers
}
