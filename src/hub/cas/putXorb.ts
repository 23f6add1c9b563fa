import { rm } from 'node:fs/promises'
import { jsonAnswer } from '../answer/jsonAnswer.ts'
import { checkXorb } from '../disk/checkXorb.ts'
import { receive } from '../disk/receive.ts'
import type { HubContext } from '../HubContext.ts'

const LARGEST_XORB = 64 * 1024 * 1024
/** 8192 hashes and twice as many offsets, with some room. */
const LARGEST_FOOTER = 512 * 1024

/**
 * Takes a xorb in: streamed to disk, every record unpacked, its hash compared, and only then kept.
 *
 * @param hub what handlers use
 * @param request body: chunk records
 * @param hash what the client calls it
 */
export async function putXorb(hub: HubContext, request: Request, hash: string): Promise<Response> {
  const limit = LARGEST_XORB + LARGEST_FOOTER
  const upload = await receive(request.body, hub.folder, limit)
  try {
    const chunks = await checkXorb(upload.path, hash, hub.hasher)
    const inserted = await hub.xorbs.put(hash, upload.path, chunks)
    return jsonAnswer({ was_inserted: inserted })
  } finally {
    await rm(upload.path, { force: true })
  }
}
