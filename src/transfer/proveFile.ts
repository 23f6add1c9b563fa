import { createSha256 } from '../codec/createSha256.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import type { CatalogFile } from '../store/CatalogFile.ts'
import type { PartialFile } from '../store/PartialFile.ts'
import type { Ledger } from './Ledger.ts'

/** Bytes read from the disk at once. */
const step = 8 * 2 ** 20

/**
 * Compares what is here with what the hub promised: the Xet file hash over all chunks, else SHA-256 over
 * all bytes, else (no hash known) the length alone.
 *
 * @returns by what the file is proven; undefined when it is not
 */
export async function proveFile(
  info: FileInfo,
  ledger: Ledger,
  file: PartialFile,
): Promise<NonNullable<CatalogFile['proof']> | undefined> {
  const { size, xetHash, sha256 } = info
  if (!ledger.held.covers({ start: 0, end: size })) return undefined
  if (xetHash !== undefined) return ledger.fileHash() === xetHash ? 'xet' : undefined
  if (sha256 === undefined) return 'length'
  const hash = await createSha256()
  for (let start = 0; start < size; start += step)
    hash.update(await file.read({ start, end: Math.min(size, start + step) }))
  return hash.hex() === sha256 ? 'sha256' : undefined
}
