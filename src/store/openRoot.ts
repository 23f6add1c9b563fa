import { FerryError } from '../core/FerryError.ts'

/**
 * The OPFS folder of modelferry.
 *
 * @throws FerryError `unsupported` where there is no OPFS, or the browser refuses it
 */
export async function openRoot(name: string): Promise<FileSystemDirectoryHandle> {
  const storage = (globalThis.navigator as Partial<Navigator> | undefined)?.storage
  if (typeof storage?.getDirectory !== 'function') {
    throw new FerryError(
      'unsupported',
      'This browser gives no private file system (OPFS) here. Serve the page over https or from localhost, in a browser of 2023 or newer.',
    )
  }
  try {
    return await (await storage.getDirectory()).getDirectoryHandle(name, { create: true })
  } catch (error) {
    throw new FerryError(
      'unsupported',
      `The browser refuses its private file system (OPFS) here: ${error instanceof Error ? error.message : String(error)}. Allow this site to store data, or leave the private window.`,
      { cause: error },
    )
  }
}
