import { open, rm } from 'node:fs/promises'
import { HubRefusal } from '../answer/HubRefusal.ts'
import type { Folder } from './Folder.ts'

/**
 * Streams a body into an unfinished file.
 *
 * @param body what arrives; null counts as empty
 * @param folder where unfinished files live
 * @param limit most bytes
 * @param look sees every part on its way
 * @returns path and length of the file, for the caller to adopt or remove
 * @throws HubRefusal 413 when there are more bytes; nothing stays behind then, nor when the body breaks off
 */
export async function receive(
  body: ReadableStream<Uint8Array> | null,
  folder: Folder,
  limit: number,
  look?: (part: Uint8Array) => void,
): Promise<{ path: string; length: number }> {
  const path = folder.temporary()
  const file = await open(path, 'wx')
  let length = 0
  try {
    for await (const part of body ?? []) {
      length += part.byteLength
      if (length > limit) throw new HubRefusal(413, `The body may have at most ${limit} bytes.`)
      look?.(part)
      await file.write(part)
    }
  } catch (error) {
    await file.close()
    await rm(path, { force: true })
    throw error
  }
  await file.close()
  return { path, length }
}
