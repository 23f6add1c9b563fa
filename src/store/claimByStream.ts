/**
 * Claims room for a file in OPFS: it is then so long, and holds zeros. Exact to the byte, where a sync access
 * handle is not: Chromium rounds what that one claims up to the next power of two, or to the next 128 MiB (156),
 * so that a file of 36 MB needs 64 MiB to begin with.
 *
 * @param file empty, or nobody's
 * @param bytes its length
 * @param keep called while the file is locked: whether it shall stay so, else nothing of it happens
 * @returns whether there was room
 */
export async function claimByStream(
  file: FileSystemFileHandle,
  bytes: number,
  keep: () => Promise<boolean>,
): Promise<boolean> {
  const stream = await file.createWritable()
  try {
    await stream.truncate(bytes)
    if (!(await keep())) await stream.abort()
    else await stream.close()
    return true
  } catch (error) {
    await stream.abort().catch(() => undefined)
    if (error instanceof Error && error.name === 'QuotaExceededError') return false
    throw error
  }
}
