import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { HubRefusal } from '../answer/HubRefusal.ts'
import { storageRefusal } from '../answer/storageRefusal.ts'
import { receive } from '../disk/receive.ts'
import type { HubContext } from '../HubContext.ts'
import { checkUrl } from '../signing/checkUrl.ts'

const LARGEST = 5 * 1024 ** 3

/**
 * Takes a plain LFS upload in, for clients that do not speak Xet.
 *
 * @param hub what handlers use
 * @param request PUT to a URL signed for it
 * @param sha256 what the bytes must hash to
 */
export async function putLarge(
  hub: HubContext,
  request: Request,
  sha256: string,
): Promise<Response> {
  const checked = checkUrl(hub.secrets, new URL(request.url), request.method, hub.clock.now())
  if ('refused' in checked) return storageRefusal(checked.refused)
  const sha = createHash('sha256')
  const upload = await receive(request.body, hub.folder, LARGEST, (part) => sha.update(part))
  try {
    const actual = sha.digest('hex')
    if (actual !== sha256) {
      throw new HubRefusal(
        400,
        `The object was announced as ${sha256}, but its bytes give ${actual}.`,
      )
    }
    await hub.objects.putPlain(sha256, upload.length, upload.path)
    return new Response(null, { status: 200, headers: { etag: `"${sha256.slice(0, 32)}"` } })
  } finally {
    await rm(upload.path, { force: true })
  }
}
