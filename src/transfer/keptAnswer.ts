import { publicGrant } from '../auth/grantOf.ts'
import type { Store } from '../store/Store.ts'
import type { FileVerdict } from './FileVerdict.ts'
import { isFresh } from './isFresh.ts'

/** What the device can say about a URL without asking the hub. */
export interface KeptAnswer {
  readonly answer: FileVerdict
  /** Whether it need not be confirmed. */
  readonly fresh: boolean
}

/**
 * The newer of what the device knows for one asker: where the URL leads, which may be known to everybody, or
 * that there is nothing. The latter counts only for whom the hub said it to: a hub says it of private files
 * to strangers as well.
 *
 * @param grant the asker's own
 * @param now epoch milliseconds
 */
export async function keptAnswer(
  store: Pick<Store, 'url' | 'missing'>,
  url: string,
  grant: string,
  now: number,
): Promise<KeptAnswer | undefined> {
  const [known, missing] = await Promise.all([store.url(url), store.missing(url, grant)])
  const granted = known?.grants.some((one) => one === publicGrant || one === grant) ?? false
  const found = granted ? known : undefined
  const newest = found && missing && missing.checkedAt > found.checkedAt ? missing : found
  const answer = newest ?? missing
  return answer && { answer, fresh: isFresh(answer, now) }
}
