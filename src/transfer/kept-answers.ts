import {
  publicGrant,
  type BranchFile,
  branchOf,
  contentId,
  hashesIn,
  isOfHub,
  isPinnedRevision,
  isResolveUrl,
  keyOf,
  selectorOf,
} from '../address/index.ts'
import { readAtMost } from '../net/index.ts'
import type { FileInfo, Refusal } from '../data/index.ts'
import type { KnownPath, Store, StoreReader } from '../store/index.ts'
import type { InfoAnswer, Principal, Viewer } from './file-source.ts'

/** Freshness of the commit of a branch, milliseconds. */
const branchFreshMs = 5 * 60_000

/** The stored knowledge about a URL: its file info, or a refusal. */
interface Known {
  readonly url: string
  /** Epoch milliseconds. */
  readonly checkedAt: number
  readonly refusal?: Pick<Refusal, 'headers'> | undefined
  readonly info?: Partial<FileInfo>
  /** Whether no header shows that the hub has answered. */
  readonly unsigned?: boolean
}

/**
 * Whether stored knowledge about a URL is fresh: always for a commit, for some minutes for a branch, and by the
 * response's own headers for other URLs.
 *
 * @param now epoch milliseconds
 */
export function isFresh({ url, checkedAt, refusal, info, unsigned }: Known, now: number): boolean {
  // A clock that was set back must not keep an answer fresh without limit.
  if (info?.freshUntil !== undefined) return checkedAt <= now && now < info.freshUntil
  // The file may be added at any time, and the page itself would request it. A hub's 404 is stored under its commit.
  if (refusal && !isPinnedRevision(url)) return false
  // A small file that no readable header of the hub confirms may be the answer of another server.
  const isSmall = isPinnedRevision(url) && isResolveUrl(url) && info?.content?.startsWith('sha256:')
  if (isSmall && !(info?.commit ?? info?.etag)) return false
  // A commit never gains a file. But a commit that did not exist may be pushed, and a server in front of the hub may
  // answer wrongly.
  const final = isPinnedRevision(url) && !unsigned && (refusal === undefined || lacksFile(refusal))
  return final || Math.abs(now - checkedAt) < branchFreshMs
}

/**
 * The commit of a hub's response for a file; a 404 may have one too.
 *
 * @returns 40 hex; undefined when the server sends none
 */
export function commitOf(answer: InfoAnswer): string | undefined {
  const commit =
    'info' in answer
      ? answer.info.commit
      : answer.refusal.status === 404 &&
        answer.refusal.headers.find(([name]) => name === 'x-repo-commit')?.[1]
  return commit && /^[0-9a-f]{40}$/.test(commit) ? commit : undefined
}

/** Whether the hub knows the revision and reports that the file does not exist. */
function lacksFile({ headers }: Pick<Refusal, 'headers'>): boolean {
  return headers.some(([name, value]) => name === 'x-error-code' && value === 'EntryNotFound')
}

/** Whether the hub does not know the revision or the repository, which may be pushed later. */
export function isUnknownRevision(refusal: Refusal): boolean {
  const code = refusal.headers.find(([name]) => name === 'x-error-code')?.[1]
  return code === 'RepoNotFound' || code === 'RevisionNotFound'
}

/**
 * Info that may describe a partial file: it keeps the date of the bytes on the device, under one ETag, so that a response of
 * another date does not continue them.
 */
export async function datedInfo(
  store: Pick<Store, 'entry' | 'url'>,
  info: FileInfo,
): Promise<FileInfo> {
  const { url, content, lastModified } = info
  if (lastModified === undefined || hashesIn(content).sha256 !== undefined) return info
  const [entry, stored] = await Promise.all([store.entry(content), store.url(url)])
  const before = stored?.info.content === content && stored.info.lastModified
  return entry && !entry.proof && before ? { ...info, lastModified: before } : info
}

/** Bytes of a response that are compared with a stored file. */
const sampleBytes = 2 ** 14

/**
 * Whether a response shows another file than the stored one with its ETag: by its date, or by its first bytes.
 *
 * @param response its body stays readable
 */
export async function isReplaced(
  store: Pick<StoreReader, 'peek'>,
  { content, lastModified }: FileInfo,
  response: Response,
  known: FileInfo | undefined,
): Promise<boolean> {
  if (known?.content === content && known.lastModified !== lastModified) return true
  const { bytes } = await readAtMost(response.clone(), sampleBytes)
  const stored = await store.peek(content, { start: 0, end: bytes.length })
  return stored?.some((byte, at) => byte !== bytes[at]) ?? false
}

/** A stored answer about a URL. */
export interface KeptAnswer {
  readonly answer: InfoAnswer
  /** Whether it needs no revalidation. */
  readonly fresh: boolean
}

/**
 * The newer stored answer for one principal: the file info, which may be public, or a refusal. A refusal counts only
 * for its own principal, because a hub also refuses private files to others.
 *
 * @param grant grant of the principal
 * @param now epoch milliseconds
 */
export async function keptAnswer(
  store: Pick<StoreReader, 'answers'>,
  url: string,
  grant: string,
  now: number,
): Promise<KeptAnswer | undefined> {
  const { known, missing } = await store.answers(url, grant)
  const granted = known?.grants.some((one) => one === publicGrant || one === grant) ?? false
  const found = granted ? known : undefined
  const newest = found && missing && missing.checkedAt > found.checkedAt ? missing : found
  const answer = newest ?? missing
  return answer && { answer, fresh: isFresh(answer, now) }
}

/** A stored answer for the URL with the commit, with the page's own URL. */
export function namedAnswer(answer: InfoAnswer, name: string): InfoAnswer {
  if ('refusal' in answer) return { refusal: answer.refusal }
  const { info } = answer
  return { info: info.url === name ? info : { ...info, url: name, pinned: info.url } }
}

/**
 * The stored info of a plain file that came with another signature. Its server may confirm it to this caller, if the
 * caller's credential selects no other content.
 */
export async function infoOfOthers(
  store: Pick<StoreReader, 'answers'>,
  address: string,
  principal: Principal,
): Promise<FileInfo | undefined> {
  const { known } = await store.answers(address, principal.grant)
  if (!known || isOfHub(address)) return undefined
  const selector = selectorOf(await principal.authorization())
  const url = [address, selector].filter(Boolean).join(' ')
  return known.info.content === (await contentId({ ...known.info, url })) ? known.info : undefined
}

/** One commit of a branch, and the stored knowledge about its files. */
export interface KnownRevision {
  readonly commit: string
  readonly paths: readonly KnownPath[]
}

/**
 * The newest revision that is as complete offline as every older one: each file that is complete in an older one is
 * complete in it, or known to be removed.
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
 * Fixes the commit of a branch that a viewer sees. When two realms answer one page at once, the first decides.
 *
 * @param now epoch milliseconds
 * @param lost a commit that the viewer saw and that no longer exists
 * @returns the commit that it sees
 */
export async function showCommit(
  { branches }: Pick<StoreReader, 'branches'>,
  { base }: BranchFile,
  { client }: Viewer,
  commit: string,
  now: number,
  lost?: string,
): Promise<string> {
  if (client === undefined) return commit
  return await branches.look({ client, base, commit, takenAt: now }, lost)
}

/** The commit of a branch for a viewer. */
export interface BranchState {
  /** 40 hex. */
  readonly commit: string
  /** Whether it is final; otherwise the hub must be asked, and this commit is the fallback. */
  readonly sure: boolean
}

/**
 * The commit of a branch for a viewer, as far as stored: a client that has asked before keeps its commit. Others get
 * the newest one, unless its check is too old or an older one is more complete.
 *
 * @param now epoch milliseconds
 * @returns undefined when no commit is stored
 */
export async function readBranchState(
  store: Pick<StoreReader, 'branches' | 'known'>,
  branch: BranchFile,
  viewer: Viewer,
  now: number,
): Promise<BranchState | undefined> {
  const { base, at } = branch
  const { grant, client } = viewer
  const { seen, stored } = await store.branches.read(base, client)
  if (seen !== undefined) return { commit: seen, sure: true }
  const mine = [grant, publicGrant].flatMap((one) => stored.filter((each) => each.grant === one))
  const [own] = mine
  // Files from before the sign-in count for offline use like later ones.
  const commits = [...new Set(mine.flatMap((each) => each.commits))]
  const [newest] = commits
  if (own === undefined || newest === undefined) return undefined
  const known = async (commit: string): Promise<KnownRevision> => ({
    commit,
    paths: await store.known(at(commit), grant),
  })
  // Most branches have only one stored commit: then their files need not be read.
  const best = commits.length > 1 ? chooseRevision(await Promise.all(commits.map(known))) : newest
  if (best !== newest || !isFresh({ url: base, checkedAt: own.checkedAt }, now))
    return { commit: best ?? newest, sure: false }
  return { commit: await showCommit(store, branch, viewer, newest, now), sure: true }
}

/**
 * The stored answer for a page's URL when no request is needed, neither for the branch nor for the file.
 *
 * @param now epoch milliseconds
 * @param stale whether an answer that needs revalidation is accepted
 */
export async function settledAnswer(
  store: Pick<StoreReader, 'branches' | 'known' | 'answers'>,
  url: string,
  viewer: Viewer,
  now: number,
  stale = false,
): Promise<InfoAnswer | undefined> {
  const key = keyOf(url)
  const branch = branchOf(key)
  const branchState = branch && (await readBranchState(store, branch, viewer, now))
  if (branchState?.sure === false && !stale) return undefined
  const address = branch && branchState ? branch.at(branchState.commit) + branch.path : key
  const kept = await keptAnswer(store, address, viewer.grant, now)
  return kept && (kept.fresh || stale) ? namedAnswer(kept.answer, url) : undefined
}
