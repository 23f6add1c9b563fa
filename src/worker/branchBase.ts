import { FerryError } from '../core/FerryError.ts'

/**
 * Address of a branch's files, up to the revision.
 *
 * @param repo `org/name`, or with its kind in front: `datasets/org/name`
 * @param revision branch or tag
 * @throws FerryError `configuration`
 */
export function branchBase(hub: string | undefined, repo: string, revision: string): string {
  if (hub === undefined || !URL.canParse(hub))
    throw wrong('the address of a hub, or connect({ hubs }) one', `${hub}`)
  if (!/^(?:(?:datasets|spaces)\/)?[\w.-]+(?:\/[\w.-]+)?$/.test(repo))
    throw wrong('a repository such as "org/name" or "datasets/org/name"', repo)
  if (revision === '' || /^[0-9a-f]{40}$/.test(revision))
    throw wrong('a branch or a tag: a commit never changes', revision)
  return `${hub.replace(/\/+$/, '')}/${repo}/resolve/${encodeURIComponent(revision)}`
}

function wrong(wanted: string, seen: string): FerryError {
  return new FerryError('configuration', `ferry.update() takes ${wanted}; it was "${seen}".`)
}
