import { FerryError } from '../core/FerryError.ts'
import { versionOrder } from '../core/versionOrder.ts'
import { remedy } from './remedy.ts'

/**
 * What to say of a worker that is of another build than its page: which of the two is the older one, a copy that was
 * forgotten or a page from a cache, and what to do.
 *
 * @param worker as the message names it
 * @param version of the worker; undefined: it did not say
 * @param succeeded whether another one waits to take its place
 * @param own another version of the page only for tests
 */
export function otherBuild(
  worker: string,
  version: string | undefined,
  succeeded: boolean = false,
  own: string = __VERSION__,
): FerryError {
  const order = version ? versionOrder(version, own) : 'of another build than'
  const cure = succeeded
    ? 'Its successor waits: close other tabs, or let it take over.'
    : order === 'newer than'
      ? 'Reload the page: its script is an old copy.'
      : remedy
  return new FerryError(
    'worker',
    `The ${worker} (modelferry ${version ?? 'unknown'}) is ${order} this page's script (${own}). ${cure}`,
  )
}
