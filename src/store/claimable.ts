import { claimByStream } from './claimByStream.ts'

/** How exactly the room is measured, bytes. */
const gauge = 1024 * 1024

/**
 * How many of so many bytes there is room for, found out by claiming them: what `navigator.storage.estimate`
 * tells is made to say nothing about the device (Chromium 156 names 10 GiB more than are in use, whatever the
 * quota). All is believed where there are no writable streams to claim with (Safari before 26).
 *
 * @param root OPFS folder to do it in
 * @param bytes wanted
 * @returns `bytes` when there is room for all, else what there is room for
 */
export async function claimable(root: FileSystemDirectoryHandle, bytes: number): Promise<number> {
  // A crash leaves it behind: nobody knows it, so it is swept.
  const name = `claim-${crypto.randomUUID()}`
  const file: Partial<FileSystemFileHandle> = await root.getFileHandle(name, { create: true })
  const fits = (some: number): Promise<boolean> =>
    claimByStream(file as FileSystemFileHandle, some, async () => false)
  try {
    if (file.createWritable === undefined || (await fits(bytes))) return bytes
    let [most, tooMany] = [0, bytes]
    while (tooMany - most > gauge) {
      const middle = Math.floor((most + tooMany) / 2)
      if (await fits(middle)) most = middle
      else tooMany = middle
    }
    return most
  } finally {
    await root.removeEntry(name).catch(() => undefined)
  }
}
