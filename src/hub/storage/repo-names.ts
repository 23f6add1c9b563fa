// Names of repositories, revisions, references and files: formatting, comparison and validation.

import { HubRefusal } from '../refusals.ts'
import type { RepoId } from '../hub.ts'

/**
 * The key of a repository where types are mixed: models by their bare name, others with their prefix. Keys are
 * unique: a model whose owner equals a prefix gets a prefix too.
 *
 * @example repoKey({ type: 'dataset', name: 'a/b' }) // 'datasets/a/b'
 */
export function repoKey({ type, name }: RepoId): string {
  return type === 'model' && !/^(?:model|dataset|space)s\//i.test(name) ? name : `${type}s/${name}`
}

/** The inverse of {@link repoKey}. */
export function parseRepoKey(key: string): RepoId {
  const match = /^(model|dataset|space)s\/(.+)$/i.exec(key)
  if (match === null) return { type: 'model', name: key }
  return { type: match[1]!.toLowerCase() as RepoId['type'], name: match[2]! }
}

/** {@link repoKey} normalised for comparisons: on the hub, names that differ only in case are the same. */
export function canonicalKey(repo: RepoId | string): string {
  return repoKey(typeof repo === 'string' ? parseRepoKey(repo) : repo).toLowerCase()
}

/** A set of repositories by name, case-insensitive. */
export class RepoSet extends Set<string> {
  override has(name: string): boolean {
    return super.has(canonicalKey(name))
  }

  override add(name: string): this {
    return super.add(canonicalKey(name))
  }

  override delete(name: string): boolean {
    return super.delete(canonicalKey(name))
  }
}

const LONGEST = 1024

/**
 * Validates the path of a file within a repository.
 *
 * @param path decoded, without leading slash
 * @returns the same path
 * @throws HubRefusal 400
 */
export function checkPath(path: string): string {
  const broken =
    path.length > LONGEST ||
    // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
    /[\u0000-\u001f\u007f\\]/.test(path) ||
    path.split('/').some((part) => part === '' || part === '.' || part === '..')
  if (broken) {
    throw new HubRefusal(
      400,
      `A file path must be relative, at most ${LONGEST} characters, without empty, '.' or '..' parts, backslashes and control characters.`,
    )
  }
  return path
}

const DEEPEST = 64

/**
 * Validates the path of a file that is added. {@link checkPath} alone counts for files that are there already, so that
 * they can be read and deleted.
 *
 * @param path decoded, without leading slash
 * @returns the same path
 * @throws HubRefusal 400
 * @example checkNewPath('onnx/model.onnx')
 */
export function checkNewPath(path: string): string {
  // Each folder of a path is an entry of listings.
  if (checkPath(path).split('/').length > DEEPEST) {
    throw new HubRefusal(400, `A file path may have at most ${DEEPEST} parts.`)
  }
  return path
}

const part = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/

/** Whether a text can be the owner of a repository. */
export function isOwner(name: string): boolean {
  return part.test(name) && !name.includes('..')
}

/**
 * Validates a repository name. Names become folder names, so this also prevents path traversal.
 *
 * @param name `owner/name` or `name`, decoded
 * @returns the same name
 * @throws HubRefusal 400
 */
export function checkRepoName(name: string): string {
  const parts = name.split('/')
  if (parts.length > 2 || !parts.every(isOwner)) {
    throw new HubRefusal(
      400,
      'A repository name is owner/name or name, each of at most 96 letters, digits, dots, dashes and underscores.',
    )
  }
  return name
}

/**
 * Parses a repository from the members of a request body.
 *
 * @param type default: `model`
 * @param organization its owner, unless it is part of the name
 * @throws HubRefusal 400
 */
export function readRepo(type: unknown, organization: unknown, name: unknown): RepoId {
  const kind = type ?? 'model'
  if (kind !== 'model' && kind !== 'dataset' && kind !== 'space') {
    throw new HubRefusal(400, 'type must be model, dataset or space.')
  }
  if (typeof name !== 'string' || !['string', 'undefined'].includes(typeof organization)) {
    throw new HubRefusal(400, 'The name and the organization of a repository must be texts.')
  }
  const full = typeof organization === 'string' ? `${organization}/${name}` : name
  return { type: kind, name: checkRepoName(full) }
}

/**
 * Validates a revision: a commit id, a branch, or a tag.
 *
 * @param revision decoded; `HEAD` is the default branch
 * @returns the name, without `refs/heads/`
 * @throws HubRefusal 404 `RevisionNotFound`: an invalid name is treated as a missing revision
 */
export function checkRevision(revision: string): string {
  if (revision === 'HEAD') return 'main'
  const name = revision.replace(/^refs\/heads\//, '')
  if (!isRefName(name)) throw new HubRefusal(404, 'Invalid rev id.', 'RevisionNotFound')
  return name
}

/**
 * Validates the name of a new branch or tag. A commit id always names that commit, `refs/` is reserved for the hub,
 * and each name is a file name after encoding.
 *
 * @param name decoded
 * @returns the same name
 * @throws HubRefusal 400
 */
export function checkRefName(name: string): string {
  const reserved = name === 'HEAD' || name.startsWith('refs/') || /^[0-9a-f]{40}$/.test(name)
  if (!isRefName(name) || reserved || encodeURIComponent(name).length > LONGEST_REF) {
    throw new HubRefusal(
      400,
      `A branch or tag name has letters, digits, dots, dashes, underscores and slashes, at most ${LONGEST_REF} with %2F for each slash, and is no commit id, HEAD or refs/.`,
    )
  }
  return name
}

const LONGEST_REF = 200

function isRefName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._/-]{0,199}$/.test(name) && !/\.\.|\/\/|\/$|\.lock$/.test(name)
}
