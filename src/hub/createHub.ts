import type { Hub } from './Hub.ts'
import type { HubOptions } from './HubOptions.ts'
import { assembleHub } from './assembleHub.ts'

/**
 * Makes a hub to be mounted anywhere that speaks `Request` and `Response`.
 *
 * @param options see {@link HubOptions}
 * @throws FerryError `configuration` for a wrong setting or a folder that cannot be used
 * @example
 * const hub = await createHub({ folder: './models' })
 * const response = await hub.fetch(new Request('http://hub.example/api/models/me/tiny'))
 */
export async function createHub(options: HubOptions): Promise<Hub> {
  const { storageUrl } = options
  const { hub } = await assembleHub(
    options,
    storageUrl === undefined ? undefined : () => storageUrl,
  )
  return hub
}
