import type { buildDefines } from './buildDefines.ts'

/**
 * The first line of a file that is put on sites: says what it is and where it comes from, to people and to
 * `modelferry init`, which overwrites nothing that begins in another way.
 */
export function scriptBanner({ __VERSION__, __BUILD__ }: ReturnType<typeof buildDefines>): string {
  return `/*! modelferry ${JSON.parse(__VERSION__)}, build ${JSON.parse(__BUILD__)}, Apache-2.0 */`
}
