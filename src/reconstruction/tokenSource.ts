import { FerryError } from '../core/FerryError.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'

export interface TokenSource {
  readonly tokenUrl: string
  /** Left out unless it may be sent there. */
  readonly authorization?: string
}

/**
 * Where a file's read token comes from, and what may be shown there: the caller's `Authorization` was
 * given for the origin of the file, and the answer of that origin cannot send it elsewhere.
 *
 * @throws FerryError `protocol` when the file information names no token address
 */
export function tokenSource({ url, tokenUrl }: FileInfo, authorization?: string): TokenSource {
  if (tokenUrl === undefined) {
    const message =
      'The file information has no Link with rel="xet-auth", so that no read token can be had.'
    throw new FerryError('protocol', message, { url })
  }
  return authorization !== undefined && new URL(tokenUrl).origin === new URL(url).origin
    ? { tokenUrl, authorization }
    : { tokenUrl }
}
