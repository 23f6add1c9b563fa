import { decodeSwParameters } from '../src/core/swParameters.ts'
import type { InstallOptions } from './InstallOptions.ts'

/**
 * What connect() asked of a service worker that it registered; nothing where somebody else did.
 *
 * @param script where the service worker began
 */
export function askedOptions(script: string): InstallOptions {
  const { worker, navigateFallback = false, ...asked } = decodeSwParameters(script)
  // An app's own script may have a parameter of that name; connect() writes a whole address.
  return worker !== undefined && URL.canParse(worker) ? { ...asked, worker, navigateFallback } : {}
}
