import type { StoreRoom } from './StoreRoom.ts'

/** How exactly the room is measured, bytes. */
const gauge = 1024 * 1024

/**
 * How many of so many bytes there is room for, found out by claiming them: what `navigator.storage.estimate`
 * tells is made to say nothing about the device (Chromium 156 names 10 GiB more than are in use, whatever the
 * quota).
 *
 * @param bytes wanted
 * @returns `bytes` when there is room for all, else what there is room for
 */
export async function claimable(
  { root, driver }: Pick<StoreRoom, 'root' | 'driver'>,
  bytes: number,
): Promise<number> {
  // A crash leaves it behind: nobody knows it, so it is swept.
  const name = `claim-${crypto.randomUUID()}`
  const file = await root.getFileHandle(name, { create: true })
  const fits = driver === 'sync' ? claimInPlace : claimByStream
  try {
    if (await fits(file, bytes)) return bytes
    let [most, tooMany] = [0, bytes]
    while (tooMany - most > gauge) {
      const middle = Math.floor((most + tooMany) / 2)
      if (await fits(file, middle)) most = middle
      else tooMany = middle
    }
    return most
  } finally {
    await root.removeEntry(name).catch(() => undefined)
  }
}

async function claimInPlace(file: FileSystemFileHandle, bytes: number): Promise<boolean> {
  const handle = await file.createSyncAccessHandle()
  try {
    handle.truncate(bytes)
    return true
  } catch (error) {
    return no(error)
  } finally {
    handle.close()
  }
}

async function claimByStream(file: FileSystemFileHandle, bytes: number): Promise<boolean> {
  const stream = await file.createWritable()
  try {
    await stream.truncate(bytes)
    return true
  } catch (error) {
    return no(error)
  } finally {
    await stream.abort().catch(() => undefined)
  }
}

function no(error: unknown): false {
  if (error instanceof Error && error.name === 'QuotaExceededError') return false
  throw error
}
