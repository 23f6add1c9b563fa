import { isPinnedRevision } from './isPinnedRevision.ts'

/** A file's address on a hub by a revision that may come to mean another commit. */
export interface BranchFile {
  /** Names the branch: the file's address up to the revision. */
  readonly base: string
  /** From the slash after the revision on, with query. */
  readonly path: string
  /** Begin of the addresses of all files at one commit, 40 hex; `path` makes it one file's. */
  readonly at: (commit: string) => string
}

/**
 * At least one name in front of the word: a repository may itself be called so. A hub also takes the slashes of
 * `refs/pr/1` as they are.
 */
const resolved =
  /^(https?:\/\/[^/?#]+(?:\/[^/?#]+)+?\/resolve\/)((?:refs\/[^/?#]+\/)?[^/?#]+)(\/[^#]+)$/

/**
 * Takes an address apart whose revision is a branch or a tag.
 *
 * @param url without fragment
 * @returns undefined where no revision is named, or a commit
 * @example branchOf('https://h/a/b/resolve/main/x.onnx') // { base: 'https://h/a/b/resolve/main', path: '/x.onnx', … }
 */
export function branchOf(url: string): BranchFile | undefined {
  const [, root, revision, path] = resolved.exec(url) ?? []
  if (root === undefined || path === undefined || isPinnedRevision(url)) return undefined
  return { base: `${root}${revision}`, path, at: (commit) => `${root}${commit}` }
}
