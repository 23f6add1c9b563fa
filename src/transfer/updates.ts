import { branchOf, keyOf } from '../address/index.ts'
import { ByteSet, FerryError, type FerryErrorCode } from '../core/index.ts'
import { hostOf, describeRefusal } from '../net/index.ts'
import type { Caller, FileInfos } from './file-infos.ts'
import { commitOf, isUnknownRevision, readBranchState } from './kept-answers.ts'
import { firstBlocks } from './plan.ts'
import { type KnownPath, rangeOf } from '../store/index.ts'
import { findReusable } from './reuse.ts'
import type { FileChange, FileInfo, Refusal, RevisionChange } from '../data/index.ts'
import type { AskOptions } from '../reconstruction/index.ts'
import type { DownloadTools, EngineTools } from './file-source.ts'

/**
 * Bytes of a file that would have to be fetched: those that are neither stored nor in chunks of other files. It needs
 * one reconstruction request per 256 MB of a Xet file that is not on the device.
 *
 * @throws as `Reconstructions.block`
 */
async function missingBytes(
  { store, reconstructions }: Pick<DownloadTools, 'store' | 'reconstructions'>,
  info: FileInfo,
  options: AskOptions,
): Promise<number> {
  const { content, size, xetHash } = info
  if ((await store.entry(content))?.state === 'complete') return 0
  const held = new ByteSet((await store.journal(content)).map(rangeOf))
  let here = held.size
  if (xetHash === undefined) return size - here
  for (const range of firstBlocks(size)) {
    if (held.covers(range)) continue
    const { runs } = await reconstructions.block(info, range, options)
    for (const run of runs) {
      const found = await store.chunksOf(run.xorb)
      const chunks = new Map(found.map((chunk) => [chunk.chunk, chunk]))
      const { front, back } = findReusable(run, range, chunks, held, Infinity)
      for (const { source } of [...front, ...back]) here += source.end - source.start
    }
  }
  return size - here
}

const codes: Readonly<Record<number, FerryErrorCode>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not-found',
}

/** A hub's refusal of a file as an error, for callers that cannot receive the response. */
export function refusedError(url: string, refusal: Refusal): FerryError {
  const { status } = refusal
  const message = `${hostOf(url)} answered ${describeRefusal(refusal)}.`
  return new FerryError(codes[status] ?? 'http', message, { url, status })
}

/** A branch for one caller. */
interface KnownBranch {
  readonly base: string
  readonly caller: Caller
  readonly from: string
  /** Prefix of the URLs of all files at one commit. */
  readonly at: (commit: string) => string
  readonly paths: readonly KnownPath[]
}

/** Compares the device with the newest commit of a branch, and moves to it. */
export class Updates {
  readonly #tools: EngineTools
  readonly #files: FileInfos

  constructor(tools: EngineTools, files: FileInfos) {
    this.#tools = tools
    this.#files = files
  }

  /**
   * Compares without changing the branch.
   *
   * @param base URL of the branch's files up to the revision
   * @throws FerryError `not-found` when nothing of it is on the device; `unsupported` when the server names no
   *   commit; refusals of the hub, `network`, `timeout`; the signal's reason
   */
  async look(base: string, signal: AbortSignal): Promise<RevisionChange> {
    const branch = await this.#known(base, signal)
    const to = await this.#newest(branch, signal)
    const compared = await Promise.all(branch.paths.map((path) => this.#compare(branch, path, to)))
    const files = compared.flatMap((file) => file ?? [])
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
    return { from: branch.from, to, files, bytes }
  }

  /** Makes a commit the one for new pages of a branch, in one step. */
  async move(base: string, to: string, signal: AbortSignal): Promise<void> {
    const { store, net } = this.#tools
    const { principal } = await this.#files.caller(base, { signal })
    signal.throwIfAborted()
    await store.branches.confirm(base, principal.grant, to, net.clock.now())
  }

  async #known(base: string, signal: AbortSignal): Promise<KnownBranch> {
    const { store, net } = this.#tools
    const caller = await this.#files.caller(base, { patient: true, signal })
    const { grant } = caller.principal
    const branch = branchOf(`${base}/*`)
    const viewer = { grant, client: undefined }
    const branchState = branch && (await readBranchState(store, branch, viewer, net.clock.now()))
    if (branch && branchState) {
      const { at } = branch
      const { commit: from } = branchState
      const known = await store.known(at(from), grant)
      const paths = known.filter(({ state }) => state !== 'info')
      if (paths.length > 0) return { base, caller, at, from, paths }
    }
    const message = `Nothing of ${base} is on this device. Load files of it first, by this address, or correct the name.`
    throw new FerryError('not-found', message, { url: base })
  }

  /** The branch's commit, from the first of its files for which the hub names one. */
  async #newest({ base, caller, paths }: KnownBranch, signal: AbortSignal): Promise<string> {
    for (const { path } of paths) {
      const url = base + path
      const call = { ...caller, granted: false, signal }
      const { answer } = await this.#files.ask(url, keyOf(url), call)
      const commit = commitOf(answer)
      if (commit !== undefined) return commit
      if ('refusal' in answer) throw refusedError(url, answer.refusal)
    }
    const message = `The server names no commit of ${base} (X-Repo-Commit). Its files are renewed one by one.`
    throw new FerryError('unsupported', message, { url: base })
  }

  /** @returns undefined for a file that is missing in both commits */
  async #compare(
    { base, caller, at, from }: KnownBranch,
    { path, state }: KnownPath,
    to: string,
  ): Promise<FileChange | undefined> {
    const { store } = this.#tools
    const url = base + path
    const old = state === 'none' ? undefined : (await store.url(at(from) + path))?.info
    const answer = await this.#files.of(url, at(to) + path, caller)
    const named = { path: path.slice(1) }
    if ('refusal' in answer) {
      const { refusal } = answer
      if (refusal.status !== 404 || isUnknownRevision(refusal)) throw refusedError(url, refusal)
      return old && { ...named, change: 'removed', size: 0, bytes: 0 }
    }
    const { info } = answer
    const change = !old ? 'added' : old.content === info.content ? 'same' : 'changed'
    const { principal, signal } = caller
    const authorization = await principal.authorization()
    const bytes = await missingBytes(this.#tools, info, { authorization, signal })
    return { ...named, change, size: info.size, bytes }
  }
}
