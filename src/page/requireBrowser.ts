import { FerryError } from '../core/FerryError.ts'

/**
 * Refuses to start where modelferry cannot work, and says why.
 *
 * @param needsServiceWorker whether one will be registered
 * @throws FerryError `insecure-context` or `unsupported`
 */
export async function requireBrowser(needsServiceWorker: boolean): Promise<void> {
  if (!isSecureContext)
    throw new FerryError(
      'insecure-context',
      `Service workers and storage need https or localhost; this page is on ${location.origin}. Serve it over https.`,
    )
  if (needsServiceWorker && !('serviceWorker' in navigator))
    throw new FerryError(
      'unsupported',
      'This browser has no service workers here (a private window or a sandboxed frame may forbid them). Use connect({ serviceWorker: false }) and ferry.fetch, or another window.',
    )
  try {
    await navigator.storage.getDirectory()
  } catch (cause) {
    throw new FerryError(
      'unsupported',
      'This browser has no file storage (OPFS) here, as in private windows or with blocked site data. Allow site data, or use another window.',
      { cause },
    )
  }
}
