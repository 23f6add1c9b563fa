import type { buildDefines } from './buildDefines.ts'

/**
 * The first line of a file for sites: its name and origin, for readers and for `modelferry init`, which overwrites
 * only files that begin with it.
 */
export function scriptBanner({ __VERSION__, __BUILD__ }: ReturnType<typeof buildDefines>): string {
  return `/*! modelferry ${JSON.parse(__VERSION__)}, build ${JSON.parse(__BUILD__)}, Apache-2.0 */`
}
