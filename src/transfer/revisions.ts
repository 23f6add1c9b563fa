import { type BranchFile, branchOf, isOfHub, keyOf } from '../address/index.ts'
import { FerryError } from '../core/index.ts'
import { lasting } from '../reconstruction/index.ts'
import { isTransient, SharedCalls } from '../net/index.ts'
import type { Caller, FileInfos } from './file-infos.ts'
import {
  commitOf,
  isUnknownRevision,
  keptAnswer,
  showCommit,
  readBranchState,
} from './kept-answers.ts'
import type { FileInfo } from '../data/index.ts'
import type { EngineTools, SourceOptions, InfoAnswer, Viewer } from './file-source.ts'

/** Timeout of a second file info request during a download, milliseconds. */
const againMs = 3000

/** How long a file is left to the browser without a question, milliseconds. */
const leftMs = 2 * 24 * 60 * 60_000

type BranchCaller = Caller & Viewer

/** The result of a check of a branch: its commit, and the answer about the requested file if there is one. */
type BranchAnswer =
  | { readonly commit: string; readonly answer?: InfoAnswer }
  | { readonly commit?: undefined; readonly answer: InfoAnswer }

/**
 * Info of files whose URLs name a branch. One answer about any of them determines the commit, and with it all of the
 * files. A client that has asked once keeps seeing files of that commit, so that it never gets files of two
 * revisions.
 */
export class BranchInfos {
  readonly #tools: Pick<EngineTools, 'store' | 'net'>
  readonly #files: FileInfos
  readonly #leads = new SharedCalls<InfoAnswer>()

  constructor(tools: Pick<EngineTools, 'store' | 'net'>, files: FileInfos) {
    this.#tools = tools
    this.#files = files
  }

  async of(url: string, options: SourceOptions): Promise<InfoAnswer> {
    const caller = await this.#files.caller(url, options)
    const key = keyOf(url)
    const branch = branchOf(key)
    if (!branch) return await this.#single(url, key, caller)
    const { commit } = options
    if (commit !== undefined)
      return await this.#files.of(url, branch.at(commit) + branch.path, caller)
    const { client, recheck } = options
    const viewer = { ...caller, client, grant: caller.principal.grant }
    if (recheck === 'always') return await this.#moved(url, branch, viewer)
    return await this.#seen(url, branch, viewer)
  }

  /** A file whose server's headers do not let it be kept is left to the browser and its HTTP cache, without a question. */
  async #single(url: string, key: string, caller: Caller): Promise<InfoAnswer> {
    const { store, net } = this.#tools
    const grant = `left ${caller.principal.grant}`
    const { known, missing } = await store.answers(key, grant)
    const age = net.clock.now() - (missing?.checkedAt ?? -Infinity)
    if (missing && !known && Math.abs(age) < leftMs && caller.recheck !== 'always')
      throw new FerryError('unsupported', missing.refusal.statusText, { url })
    try {
      return await this.#files.of(url, key, caller)
    } catch (error) {
      if (error instanceof FerryError && lasting.has(error) && !isOfHub(key)) {
        const none = { status: 0, headers: [], body: new Uint8Array() }
        const refusal = { ...none, statusText: error.message }
        const left = { url: key, grant, refusal, checkedAt: net.clock.now() }
        await store.saveMissing(left).catch(() => undefined)
      }
      throw error
    }
  }

  /**
   * Requests the info of a file again after a doubtful answer.
   *
   * @returns undefined when there is no answer within 3 s, or a refusal
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

  /** Marks the stored info of a file as stale. */
  async doubt(info: FileInfo, options: SourceOptions): Promise<void> {
    await this.#files.doubt(info, await this.#files.caller(info.url, options))
  }

  /** Requests the current commit of the branch; the viewer sees it from then on. */
  async #moved(url: string, branch: BranchFile, caller: BranchCaller): Promise<InfoAnswer> {
    const { store, net } = this.#tools
    const now = net.clock.now()
    const known = await readBranchState(store, branch, caller, now)
    const { commit, answer } = await this.#confirm(url, branch, caller, known?.commit)
    if (commit === undefined) return answer
    const lost = known && known.commit !== commit ? known.commit : undefined
    const seen = await showCommit(store, branch, caller, commit, now, lost)
    if (answer && seen === commit) return answer
    return await this.#at(url, branch, seen, caller, undefined)
  }

  /** @param lost the commit that the caller saw, which the hub no longer knows */
  async #seen(
    url: string,
    branch: BranchFile,
    caller: BranchCaller,
    lost?: string,
  ): Promise<InfoAnswer> {
    const { store, net } = this.#tools
    const now = net.clock.now()
    const branchState =
      lost === undefined ? await readBranchState(store, branch, caller, now) : undefined
    if (branchState?.sure) return await this.#at(url, branch, branchState.commit, caller, lost)
    // An answer without a commit is valid for this file only.
    const key = keyOf(url)
    const alone = !branchState && (await keptAnswer(store, key, caller.grant, now))
    if (alone && lost === undefined) {
      const answer = await this.#files.of(url, key, caller)
      const named = 'info' in answer ? commitOf(answer) : undefined
      // Now it has one, and is stored under it.
      if (named !== undefined) await store.branches.confirm(branch.base, caller.grant, named, now)
      return answer
    }
    const { commit, answer } = await this.#confirm(url, branch, caller, branchState?.commit)
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
  ): Promise<InfoAnswer> {
    const answer = await this.#files.of(url, branch.at(commit) + branch.path, caller)
    // The history was rewritten: the previous revision no longer exists.
    const unknown = 'refusal' in answer && isUnknownRevision(answer.refusal)
    return unknown && lost === undefined ? await this.#seen(url, branch, caller, commit) : answer
  }

  /**
   * Requests the commit of a branch by one of its files, once for all concurrent callers.
   *
   * @param fallback the commit to use when the hub cannot be reached
   * @param subject key of the shared request: the branch, or the file alone
   */
  async #confirm(
    url: string,
    branch: BranchFile,
    caller: BranchCaller,
    fallback: string | undefined,
    subject: string = branch.base,
  ): Promise<BranchAnswer> {
    const { store, net } = this.#tools
    const { grant, patient, recheck, signal } = caller
    if (fallback !== undefined && net.backoff.left(url) > 0) return { commit: fallback }
    let own = subject === url
    try {
      const lead = async (signal: AbortSignal): Promise<InfoAnswer> => {
        own = true
        const call = { ...caller, granted: fallback !== undefined, signal }
        const { answer, principal } = await this.#files.ask(url, keyOf(url), call)
        const commit = commitOf(answer)
        if (commit !== undefined && (await principal.isCurrent()))
          await store.branches.confirm(branch.base, principal.grant, commit, net.clock.now())
        return answer
      }
      // An answer to an earlier request does not count as fresh.
      const ownCall = recheck === 'always' && crypto.randomUUID()
      const key = `${patient} ${caller.quiet} ${grant} ${subject} ${ownCall}`
      const answer = await this.#leads.join(key, lead, signal)
      const commit = commitOf(answer)
      if (commit !== undefined) return own ? { commit, answer } : { commit }
      if (own) return await this.#untold(answer, branch, grant, fallback)
    } catch (error) {
      signal?.throwIfAborted()
      if (fallback !== undefined && error instanceof FerryError && error.retryable)
        return { commit: fallback }
      if (own) throw error
    }
    // The shared answer has neither the commit of the branch nor the info of this file.
    return await this.#confirm(url, branch, caller, fallback, url)
  }

  /** Handles an answer without a commit. */
  async #untold(
    answer: InfoAnswer,
    { base, at, path }: BranchFile,
    grant: string,
    fallback: string | undefined,
  ): Promise<BranchAnswer> {
    if (fallback === undefined || !('refusal' in answer)) return { answer }
    const { status, headers } = answer.refusal
    // A hub gives the reason of a 404; a misconfigured server in front does not.
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
