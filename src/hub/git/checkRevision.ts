import { HubRefusal } from '../answer/HubRefusal.ts'

/**
 * Refuses what is neither a commit id nor a branch name.
 *
 * @param revision decoded
 * @returns the name, without `refs/heads/`
 * @throws HubRefusal 404 `RevisionNotFound`: a name that cannot exist is one that does not
 */
export function checkRevision(revision: string): string {
  const name = revision.replace(/^refs\/heads\//, '')
  if (!/^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/.test(name) || /\.\.|\/\/|\/$|\.lock$/.test(name)) {
    throw new HubRefusal(404, 'Invalid rev id.', 'RevisionNotFound')
  }
  return name
}
