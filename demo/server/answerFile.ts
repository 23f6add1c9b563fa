import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { mimeType } from './mimeType.ts'

const A_YEAR_S = 31_536_000

/**
 * Answers with a file. Files whose names contain a hash may be cached permanently. All others, above all the page and
 * the workers, are revalidated each time and answered with 304 while they are unchanged.
 */
export async function answerFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
  hashed: boolean,
): Promise<void> {
  const { size, mtimeMs } = await stat(path)
  const etag = `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`
  response.setHeader('content-type', mimeType(path))
  response.setHeader('cache-control', hashed ? `max-age=${A_YEAR_S}, immutable` : 'no-cache')
  response.setHeader('etag', etag)
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end()
    return
  }
  response.setHeader('content-length', size)
  if (request.method === 'HEAD') response.end()
  else await pipeline(createReadStream(path), response)
}
