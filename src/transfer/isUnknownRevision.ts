import type { Refusal } from '../protocol/Refusal.ts'

/** Whether a hub does not know the revision or the whole repository, which may yet be pushed. */
export function isUnknownRevision(refusal: Refusal): boolean {
  const code = refusal.headers.find(([name]) => name === 'x-error-code')?.[1]
  return code === 'RepoNotFound' || code === 'RevisionNotFound'
}
