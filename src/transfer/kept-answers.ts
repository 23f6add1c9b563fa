import { publicGrant } from '../auth/index.ts'
import { type BranchFile, branchOf, isPinnedRevision, isResolveUrl, keyOf } from '../core/index.ts'
import type { FileInfo, Refusal } from '../protocol/index.ts'
import type { KnownPath, Store } from '../store/index.ts'
import type { FileVerdict, Viewer } from './file-source.ts'

/** How long what a branch leads to is taken for granted, milliseconds. */
const branchFreshMs = 5 * 60_000
/** How long it is taken for granted that a server has no such file, milliseconds: it may be put there any moment. */
const missingFreshMs = 30_000

/** What the device knows of a URL: where it leads, or that there is nothing. */
interface Known {
  readonly url: string
  /** Epoch milliseconds. */
  readonly checkedAt: number
  readonly refusal?: Refusal
  readonly info?: Pick<FileInfo, 'freshUntil'>
}

/**
 * Whether the server need not be asked again what a URL leads to: never for a commit, now and then for a branch, and
 * as its own headers say for any other address.
 *
 * @param now epoch milliseconds
 */
export function isFresh({ url, checkedAt, refusal, info }: Known, now: number): boolean {
  // A clock that was set back must not keep an answer for ever.
  if (info?.freshUntil !== undefined) return checkedAt <= now && now < info.freshUntil
  if (refusal && !isResolveUrl(url)) return Math.abs(now - checkedAt) < missingFreshMs
  // A commit never gains a file, but one that was not there yet may be pushed, and a server in front of the hub
  // may have lost its way.
  const final = isPinnedRevision(url) && (refusal === undefined || lacksFile(refusal))
  return final || Math.abs(now - checkedAt) < branchFreshMs
}

/** Whether a hub says that it knows the revision, and that it has no such file. */
function lacksFile({ headers }: Refusal): boolean {
  return headers.some(([name, value]) => name === 'x-error-code' && value === 'EntryNotFound')
}

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

/** What is kept under the address with the commit, by the name that the page knows. */
export function namedAnswer(answer: FileVerdict, name: string): FileVerdict {
  if ('refusal' in answer) return { refusal: answer.refusal }
  const { info } = answer
  return { info: info.url === name ? info : { ...info, url: name, pinned: info.url } }
}

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

/**
 * Fixes which commit an viewer sees of a branch. Two realms may answer one page at once: the first has the say.
 *
 * @param now epoch milliseconds
 * @param lost a commit that the viewer saw and that is to be seen no more
 * @returns the commit that it sees
 */
export async function showCommit(
  { branches }: Pick<Store, 'branches'>,
  { base }: BranchFile,
  { client }: Viewer,
  commit: string,
  now: number,
  lost?: string,
): Promise<string> {
  if (client === undefined) return commit
  return await branches.look({ client, base, commit, takenAt: now }, lost)
}

/** Which commit an viewer gets of a branch. */
export interface Standing {
  /** 40 hex. */
  readonly commit: string
  /** Whether that holds from now on; else the hub is to be asked, and it is what to take when it cannot be. */
  readonly sure: boolean
}

/**
 * What a branch is to one viewer, as far as the device can say: who has asked before goes on seeing the same
 * commit. Others get the newest one, unless that was told long ago or an older one is more complete.
 *
 * @param now epoch milliseconds
 * @returns undefined when the device knows no commit
 */
export async function standingOf(
  store: Pick<Store, 'branches' | 'known'>,
  branch: BranchFile,
  viewer: Viewer,
  now: number,
): Promise<Standing | undefined> {
  const { base, at } = branch
  const { grant, client } = viewer
  const seen = client === undefined ? undefined : await store.branches.view(client, base)
  if (seen !== undefined) return { commit: seen, sure: true }
  const told = await store.branches.told(base)
  const mine = [grant, publicGrant].flatMap((one) => told.filter((each) => each.grant === one))
  const [own] = mine
  // What was brought before the sign-in is as good without network as what came after.
  const commits = [...new Set(mine.flatMap((each) => each.commits))]
  const [newest] = commits
  if (own === undefined || newest === undefined) return undefined
  const known = async (commit: string): Promise<KnownRevision> => ({
    commit,
    paths: await store.known(at(commit), grant),
  })
  // Most branches were only ever one commit: nothing has to be read of their files.
  const best = commits.length > 1 ? chooseRevision(await Promise.all(commits.map(known))) : newest
  if (best !== newest || !isFresh({ url: base, checkedAt: own.checkedAt }, now))
    return { commit: best ?? newest, sure: false }
  return { commit: await showCommit(store, branch, viewer, newest, now), sure: true }
}

/**
 * What the device says of a page's URL where nobody has to be asked, neither for the branch nor for the file.
 *
 * @param now epoch milliseconds
 * @param stale whether what would have to be confirmed is good enough
 */
export async function settledAnswer(
  store: Pick<Store, 'branches' | 'known' | 'url' | 'missing'>,
  url: string,
  viewer: Viewer,
  now: number,
  stale = false,
): Promise<FileVerdict | undefined> {
  const key = keyOf(url)
  const branch = branchOf(key)
  const standing = branch && (await standingOf(store, branch, viewer, now))
  if (standing?.sure === false && !stale) return undefined
  const address = branch && standing ? branch.at(standing.commit) + branch.path : key
  const kept = await keptAnswer(store, address, viewer.grant, now)
  return kept && (kept.fresh || stale) ? namedAnswer(kept.answer, url) : undefined
}
