import type { KnownPath } from '../store/KnownPath.ts'

/** One commit of a branch, and what the device knows of its files. */
export interface KnownRevision {
  readonly commit: string
  readonly paths: readonly KnownPath[]
}

/**
 * The newest revision that is as good without network as every older one: what is complete under an older
 * one is complete under it, or known to be gone.
 *
 * @param revisions newest first, at least one
 */
export function chooseRevision(revisions: readonly KnownRevision[]): string | undefined {
  const having = (...states: KnownPath['state'][]): string[][] =>
    revisions.map(({ paths }) =>
      paths.filter(({ state }) => states.includes(state)).map(({ path }) => path),
    )
  const complete = having('complete')
  const settled = having('complete', 'none')
  const chosen = revisions.findIndex((_, index) => {
    const here = new Set(settled[index])
    return complete.slice(index + 1).every((older) => older.every((path) => here.has(path)))
  })
  return revisions[chosen]?.commit
}
