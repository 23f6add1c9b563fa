import { capabilities } from '../core/capabilities.ts'
import { FerryError } from '../core/FerryError.ts'

/**
 * Which way to write works in this realm: sync access handles exist in dedicated workers only.
 *
 * @param root folder of OPFS that it is tried in
 * @param wanted what the caller asked for
 * @throws FerryError `unsupported` when it does not work here
 */
export async function chooseDriver(
  root: FileSystemDirectoryHandle,
  wanted?: 'sync' | 'pieces',
): Promise<'sync' | 'pieces'> {
  const { writables: pieces } = capabilities
  const sync = await capabilities.syncHandles(root)
  const chosen = wanted ?? (sync ? 'sync' : 'pieces')
  if (chosen === 'sync' ? sync : pieces) return chosen
  throw new FerryError(
    'unsupported',
    chosen === 'sync'
      ? 'Sync access handles exist only in dedicated workers. Open the store in one, or with the driver "pieces".'
      : 'This browser cannot write files here. Open the store in a dedicated worker, or update the browser.',
  )
}
