import { createHash } from 'node:crypto'

/**
 * The id git gives a blob.
 *
 * @param bytes content of the blob
 * @returns 40 hex digits
 * @see https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */
export function gitBlobId(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex')
}
