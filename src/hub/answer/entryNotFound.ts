import { HubRefusal } from './HubRefusal.ts'

/**
 * The refusal of a path that a revision does not hold.
 *
 * @param path what was asked for
 * @param commit id of the revision
 */
export function entryNotFound(path: string, commit: string): HubRefusal {
  return new HubRefusal(404, `Entry not found: ${path}`, 'EntryNotFound', {
    'x-repo-commit': commit,
  })
}
