import type { FileEntry } from '../git/FileEntry.ts'
import { pointerText } from '../git/pointerText.ts'

const MASK = '****'

/**
 * A file as listings show it.
 *
 * @param path of the file
 * @param entry the file
 * @param masked whether to hide what it is called by content, as for a gated repository
 */
export function pathInfo(path: string, entry: FileEntry, masked: boolean): object {
  const { oid, size, sha256, xetHash } = entry
  return {
    type: 'file',
    oid,
    size,
    path,
    ...(sha256 !== undefined && {
      lfs: {
        oid: masked ? MASK : sha256,
        size,
        pointerSize: pointerText(sha256, size).length,
      },
    }),
    ...(xetHash !== undefined && { xetHash: masked ? MASK : xetHash }),
  }
}
