import { FerryError } from '../core/FerryError.ts'

/**
 * Writes all bytes, or says that there is no room: Firefox reports a full disk only as a short count.
 *
 * @param at first byte in the OPFS file
 * @throws FerryError `quota`
 */
export function writeFully(
  handle: FileSystemSyncAccessHandle,
  bytes: Uint8Array,
  at: number,
): void {
  const written = handle.write(bytes, { at })
  if (written === bytes.length) return
  throw new FerryError(
    'quota',
    `Only ${written} of ${bytes.length} bytes could be written: the device has no room. Remove files or free disk space, then try again.`,
    { retryable: true },
  )
}
