import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { installedWebkit } from '../../../scripts/browser/installedWebkit.ts'
import { startProgram } from '../../stage/startProgram.ts'
import type { WebKitKind } from './WebKitKind.ts'

/** Lets pages open windows without a click. */
const windows = '--javascript-can-open-windows-automatically=true'

/** Features that Safari 26 has and this port disables; Safari provides estimates since 17. */
const files = '--features=+FileSystem,+AccessHandle,+FileSystemWritableStream,+StorageAPI'
const safari = `${files},+StorageAPIEstimate`

const argsOf: Record<WebKitKind, readonly string[]> = {
  safari: [safari],
  reticent: [files],
  private: [safari, '--private'],
  plain: [],
}

/**
 * Opens a page in a browser without a driver: under a driver nothing is stored permanently, and there is no private
 * file system (2.50).
 *
 * @param options.folder for its profile; it does not exist yet
 * @param options.display value of `DISPLAY`
 * @returns closes the browser
 */
export async function startMiniBrowser(
  url: string,
  { kind, folder, display }: { kind: WebKitKind; folder: string; display: string },
): Promise<() => Promise<void>> {
  const program = installedWebkit()
  if (program === undefined) throw new Error('There is no WebKitGTK on this machine.')
  const runtime = join(folder, 'run')
  await mkdir(runtime, { recursive: true, mode: 0o700 })
  return startProgram([program, windows, ...argsOf[kind], url], {
    DISPLAY: display,
    HOME: folder,
    XDG_CACHE_HOME: join(folder, 'cache'),
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_DATA_HOME: join(folder, 'data'),
    XDG_RUNTIME_DIR: runtime,
    GSETTINGS_BACKEND: 'memory',
    LIBGL_ALWAYS_SOFTWARE: '1',
    NO_AT_BRIDGE: '1',
  })
}
