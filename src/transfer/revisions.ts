import { type BranchFile, branchOf, FerryError, keyOf } from '../core/index.ts'
import { isTransient, SharedCalls } from '../net/index.ts'
import { commitOf, isUnknownRevision, type Caller, type FileInfos } from './file-infos.ts'
import { keptAnswer, showCommit, standingOf } from './kept-answers.ts'
import type { FileInfo } from '../protocol/index.ts'
import type { EngineTools, SourceOptions, FileVerdict, Viewer } from './file-source.ts'

/** How long a download waits for a second answer about its file, milliseconds. */
const againMs = 3000

type BranchCaller = Caller & Viewer

/** What was learned of a branch: its commit, and the answer about the file in question where there is one. */
type Told =
  | { readonly commit: string; readonly answer?: FileVerdict }
  | { readonly commit?: undefined; readonly answer: FileVerdict }

/**
 * What files are that pages name by a branch. One answer about any of them tells the commit, and with it what
 * all of them are; whoever asked once goes on seeing files of that commit, so that nobody gets some of one
 * revision and some of another.
 */
export class BranchInfos {
  readonly #tools: Pick<EngineTools, 'store' | 'net'>
  readonly #files: FileInfos
  readonly #leads = new SharedCalls<FileVerdict>()

  constructor(tools: Pick<EngineTools, 'store' | 'net'>, files: FileInfos) {
    this.#tools = tools
    this.#files = files
  }

  async of(url: string, options: SourceOptions): Promise<FileVerdict> {
    const caller = await this.#files.caller(url, options)
    const key = keyOf(url)
    const branch = branchOf(key)
    if (!branch) return await this.#files.of(url, key, caller)
    const { commit } = options
    if (commit !== undefined)
      return await this.#files.of(url, branch.at(commit) + branch.path, caller)
    const { client, recheck } = options
    const viewer = { ...caller, client, grant: caller.asker.grant }
    if (recheck === 'always') return await this.#moved(url, branch, viewer)
    return await this.#seen(url, branch, viewer)
  }

  /**
   * Asks the hub once more about a file of which it said something doubtful.
   *
   * @returns undefined where it cannot be asked within 3 s, or refuses
   */
  async again(
    { url, commit }: FileInfo,
    options: SourceOptions,
    signal: AbortSignal,
  ): Promise<FileInfo | undefined> {
    const soon = AbortSignal.any([signal, AbortSignal.timeout(againMs)])
    const ask = { ...options, commit, recheck: 'always', signal: soon } as const
    const answer = await this.of(url, ask).catch(() => undefined)
    return answer && 'info' in answer ? answer.info : undefined
  }

  /** Has the hub asked before what it said of a file is believed again. */
  async doubt(info: FileInfo, options: SourceOptions): Promise<void> {
    await this.#files.doubt(info, await this.#files.caller(info.url, options))
  }

  /** Asks what the branch is now; the viewer sees that from here on. */
  async #moved(url: string, branch: BranchFile, caller: BranchCaller): Promise<FileVerdict> {
    const { store, net } = this.#tools
    const now = net.clock.now()
    const known = await standingOf(store, branch, caller, now)
    const { commit, answer } = await this.#confirm(url, branch, caller, known?.commit)
    if (commit === undefined) return answer
    const lost = known && known.commit !== commit ? known.commit : undefined
    const seen = await showCommit(store, branch, caller, commit, now, lost)
    if (answer && seen === commit) return answer
    return await this.#at(url, branch, seen, caller, undefined)
  }

  /** @param lost the commit that the asker saw, which the hub knows no more */
  async #seen(
    url: string,
    branch: BranchFile,
    caller: BranchCaller,
    lost?: string,
  ): Promise<FileVerdict> {
    const { store, net } = this.#tools
    const now = net.clock.now()
    const standing = lost === undefined ? await standingOf(store, branch, caller, now) : undefined
    if (standing?.sure) return await this.#at(url, branch, standing.commit, caller, lost)
    // What a server said without a commit is good for this file alone.
    const key = keyOf(url)
    const alone = !standing && (await keptAnswer(store, key, caller.grant, now))
    if (alone && lost === undefined) return await this.#files.of(url, key, caller)
    const { commit, answer } = await this.#confirm(url, branch, caller, standing?.commit)
    if (commit === undefined) return answer
    const seen = await showCommit(store, branch, caller, commit, now, lost)
    if (answer && seen === commit) return answer
    return await this.#at(url, branch, seen, caller, lost)
  }

  async #at(
    url: string,
    branch: BranchFile,
    commit: string,
    caller: BranchCaller,
    lost: string | undefined,
  ): Promise<FileVerdict> {
    const answer = await this.#files.of(url, branch.at(commit) + branch.path, caller)
    // History was written anew: there is no revision left to be true to.
    const unknown = 'refusal' in answer && isUnknownRevision(answer.refusal)
    return unknown && lost === undefined ? await this.#seen(url, branch, caller, commit) : answer
  }

  /**
   * Asks what the branch is, by one of its files for all who wait.
   *
   * @param fallback the commit to take when the hub cannot be asked
   * @param subject what is waited for: the branch, or the file alone
   */
  async #confirm(
    url: string,
    branch: BranchFile,
    caller: BranchCaller,
    fallback: string | undefined,
    subject: string = branch.base,
  ): Promise<Told> {
    const { store, net } = this.#tools
    const { grant, patient, signal } = caller
    if (fallback !== undefined && net.backoff.left(url) > 0) return { commit: fallback }
    let own = subject === url
    try {
      const lead = async (signal: AbortSignal): Promise<FileVerdict> => {
        own = true
        const call = { ...caller, granted: fallback !== undefined, signal }
        const { answer, asker } = await this.#files.ask(url, keyOf(url), call)
        const commit = commitOf(answer)
        if (commit !== undefined && (await asker.isCurrent()))
          await store.branches.confirm(branch.base, asker.grant, commit, net.clock.now())
        return answer
      }
      const answer = await this.#leads.join(`${patient} ${grant} ${subject}`, lead, signal)
      const commit = commitOf(answer)
      if (commit !== undefined) return own ? { commit, answer } : { commit }
      if (own) return await this.#untold(answer, branch, grant, fallback)
    } catch (error) {
      signal?.throwIfAborted()
      if (fallback !== undefined && error instanceof FerryError && error.retryable)
        return { commit: fallback }
      if (own) throw error
    }
    // The answer that was waited for tells nothing of the branch, and nothing of this file.
    return await this.#confirm(url, branch, caller, fallback, url)
  }

  /** What to make of an answer that names no commit. */
  async #untold(
    answer: FileVerdict,
    { base, at, path }: BranchFile,
    grant: string,
    fallback: string | undefined,
  ): Promise<Told> {
    if (fallback === undefined || !('refusal' in answer)) return { answer }
    const { status, headers } = answer.refusal
    // A hub says why there is nothing; a server in front that has lost its way does not.
    const lost = status === 404 && !headers.some(([name]) => name === 'x-error-code')
    if (lost || isTransient(status)) return { commit: fallback }
    if (status === 401 || status === 403) {
      const { store } = this.#tools
      await store.branches.drop(base, grant)
      await store.dropUrl(at(fallback) + path, grant)
    }
    return { answer }
  }
}
