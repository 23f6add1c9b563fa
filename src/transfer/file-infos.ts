import {
  publicGrant,
  splitCredential,
  branchOf,
  isExternalData,
  isOfHub,
  isPinnedRevision,
} from '../address/index.ts'
import { FerryError } from '../core/index.ts'
import {
  hostOf,
  refusalError,
  describeRefusal,
  isTransient,
  type Net,
  SharedCalls,
  type Waiting,
} from '../net/index.ts'
import { type Channel, encodeError } from '../protocol/index.ts'
import type { FileInfo, LoadState, Refusal } from '../data/index.ts'
import { askFileInfo, type FileAnswer, notKept } from '../reconstruction/index.ts'
import {
  principalOf,
  type InfoAnswer,
  type Principal,
  type EngineTools,
  type SourceOptions,
} from './file-source.ts'
import {
  commitOf,
  datedInfo,
  infoOfOthers,
  isReplaced,
  keptAnswer,
  namedAnswer,
} from './kept-answers.ts'
import type { CallsAhead } from './blocks.ts'
import { isSameFile } from './fallback.ts'
import { atOnce, ownFirst } from './own-request.ts'
import { isSameOrigin, rangeToAsk } from './plain-fetch.ts'

/**
 * The fault to report to a page's developer in addition to a refusal.
 *
 * @param isSigned whether the page's URL has a signature or another secret, which `url` lacks
 * @returns undefined for ordinary refusals, such as 404 for an optional file. External data of a model is never
 *   optional, and some libraries wait for it without a timeout
 */
export function refusalFault(
  url: string,
  refusal: Refusal,
  hadToken: boolean,
  isSigned: boolean = false,
): FerryError | undefined {
  const { status } = refusal
  if (status !== 401 && status !== 403)
    return isExternalData(new URL(url).pathname)
      ? refusalError('External data of a model', refusal, url)
      : undefined
  const errorCode = new Map(refusal.headers).get('x-error-code')
  const todo = isSigned
    ? 'The signature in its URL has expired or is not valid: give a fresh URL, and `files` a `key` if its path changes.'
    : hadToken
      ? 'The token is not valid for it or has no access: use another one, or ask for access on the hub.'
      : 'Provide a token: connect({ auth: { token, origins: [hub] } }).'
  return new FerryError(
    status === 401 ? 'unauthorized' : 'forbidden',
    `The file was refused: ${hostOf(url)} answered ${describeRefusal(refusal)}. ${todo}`,
    { url, status, ...(errorCode !== undefined && { errorCode }) },
  )
}

/** Waits whose ends are closer together count as one, milliseconds. */
const sameMs = 500

/**
 * Reports what a file waits for to all realms; once for several requests that wait together.
 *
 * @param url URL of the file
 * @returns a function of the end (epoch milliseconds) and the reason; returns the value for the download's state
 */
export function waitReporter(
  channel: Channel,
  { clock, retry: { patienceMs } }: Pick<Net, 'clock' | 'retry'>,
  url: string,
): (...wait: Parameters<Waiting>) => NonNullable<LoadState['waiting']> {
  let reportedUntil = 0
  return (until, reason, asked = false) => {
    const why = encodeError(reason)
    const { origin } = new URL(why.url || url)
    const waiting = { origin, until, reason: why, ...(asked && { asked }) }
    const delayMs = Math.max(0, until - clock.now())
    if (until > reportedUntil + sameMs) {
      reportedUntil = until
      channel.emit({ name: 'waiting', detail: { ...waiting, url, delayMs } })
    }
    return { ...waiting, patienceMs }
  }
}

/** The caller of a request for file info. */
export interface Caller extends SourceOptions {
  readonly principal: Principal
  readonly patient: boolean
}

/** Parameters of one request to the hub. */
export interface InfoCall extends Pick<
  Caller,
  'own' | 'authorization' | 'quiet' | 'whole' | 'recheck'
> {
  readonly principal: Principal
  readonly patient: boolean
  /** Whether there is a stored answer, so that the wait for the hub is short. */
  readonly granted: boolean
  /** The stored info, where bytes of its file are on the device. */
  readonly known?: FileInfo | undefined
  readonly signal: AbortSignal
}

/**
 * File info by URL: from the device when it is fresh, otherwise requested, once for all concurrent callers. `name` is
 * always the page's URL of the file, `address` the one that is requested and under which it is stored.
 */
export class FileInfos {
  readonly #tools: EngineTools
  readonly #keep: (info: FileInfo, body: Uint8Array<ArrayBuffer>) => Promise<void>
  readonly #callsAhead: CallsAhead
  readonly #isLoading: (info: FileInfo) => Promise<boolean>
  readonly #calls = new SharedCalls<InfoAnswer>()

  /**
   * @param keep stores a file that was delivered completely with its info
   * @param callsAhead receives files that will be demanded, as soon as their server has described them
   * @param isLoading whether a load of a file runs in this realm; one that is ending has ended then
   */
  constructor(
    tools: EngineTools,
    keep: (info: FileInfo, body: Uint8Array<ArrayBuffer>) => Promise<void>,
    callsAhead: CallsAhead,
    isLoading: (info: FileInfo) => Promise<boolean>,
  ) {
    this.#tools = tools
    this.#keep = keep
    this.#callsAhead = callsAhead
    this.#isLoading = isLoading
  }

  async caller(url: string, options: SourceOptions): Promise<Caller> {
    const { authorization, anonymous, patient = false } = options
    const itself = anonymous || authorization !== undefined
    const principal = await (itself ? principalOf(authorization) : this.#tools.principal(url))
    return { ...options, principal, patient }
  }

  async of(name: string, address: string, caller: Caller): Promise<InfoAnswer> {
    const { principal, patient, recheck, signal } = caller
    const { grant } = principal
    const { store, net } = this.#tools
    const kept = await keptAnswer(store, address, grant, net.clock.now())
    const fresh = recheck === 'never' || (kept?.fresh && recheck !== 'always')
    if (kept && (fresh || net.backoff.left(address) > 0)) {
      if ('refusal' in kept.answer) this.#tell(name, kept.answer.refusal, caller)
      return namedAnswer(kept.answer, name)
    }
    const granted = kept !== undefined
    const stored =
      kept && 'info' in kept.answer
        ? kept.answer.info
        : await infoOfOthers(store, address, principal)
    const known = stored && (await store.entry(stored.content)) ? stored : undefined
    // A page's own request asks for the whole file.
    const own = known ? undefined : caller.own
    // An answer to an earlier request does not count as fresh.
    const ownCall = recheck === 'always' && crypto.randomUUID()
    try {
      const answer = await this.#calls.join(
        `${patient} ${caller.quiet} ${grant} ${name} ${address} ${ownCall}`,
        async (signal) =>
          (await this.ask(name, address, { ...caller, own, granted, known, signal })).answer,
        signal,
      )
      if ('refusal' in answer && [401, 403].includes(answer.refusal.status) && granted)
        await store.dropUrl(address, grant)
      // A gateway may answer for a hub that is down; the hub's last answer still holds.
      const down = 'refusal' in answer && isTransient(answer.refusal.status)
      return down && kept ? namedAnswer(kept.answer, name) : answer
    } catch (error) {
      signal?.throwIfAborted()
      if (!(error instanceof FerryError)) throw error
      if (kept && error.retryable) return namedAnswer(kept.answer, name)
      const unreachable = error.code === 'network' || error.code === 'timeout'
      const [like] = kept || !unreachable ? [] : await store.similar(address, grant)
      if (like) return namedAnswer(like, name)
      throw error
    }
  }

  /**
   * Requests info from the hub, and stores the answer: for a branch's file under its commit.
   *
   * @returns the answer and its principal: another one when the credential was renewed
   */
  async ask(
    name: string,
    address: string,
    call: InfoCall,
  ): Promise<{ readonly answer: InfoAnswer; readonly principal: Principal }> {
    const { patient, granted, known, signal } = call
    const { net, store, channel, bareFetch, differs, openResponses } = this.#tools
    const now = net.clock.now()
    const answerBy = granted ? now : patient ? Infinity : now + net.retry.patienceMs
    // A page has its own request, which is as good as a third attempt and gets a refusal at once.
    const attempts = granted ? 1 : patient ? net.retry.attempts : Math.min(3, net.retry.attempts)
    const retry = { ...net.retry, attempts, ...(granted && { firstByteMs: 5000 }) }
    const pause = await net.backoff.pause(address, signal)
    // A response to another request does not apply to this one: the page may make its own request.
    if (pause && pause.until > answerBy) throw pause.reason
    const waiting = waitReporter(channel, net, name)
    const altered = differs?.(address) ?? false
    // Other origins would have to allow the condition in a preflight.
    const conditional = !altered && !known?.moved && isSameOrigin(address)
    const reread = call.recheck === 'always' && call.whole && !isOfHub(address)
    const joins = known && !(conditional || reread || altered || isOfHub(address))
    const loading = joins && (await this.#isLoading(known))
    const reads = call.whole === true && !loading
    const range = joins ? await rangeToAsk(store, known, reads) : undefined
    const ask = (authorization: string | undefined): Promise<FileAnswer> =>
      askFileInfo({
        ...net,
        answerBy,
        signal,
        fetch,
        retry,
        url: address,
        name,
        authorization,
        waiting,
        known,
        conditional,
        range,
        reread,
        // A file that is on the device is not read again, and a part of it is continued by a range.
        opened: async (info, response, connection) => {
          const entry = await store.entry(info.content)
          // Nothing proves a part, and its rest may be that of another version, whatever its ETag says.
          const unproven = entry && !entry.proof && info.sha256 === undefined
          const replaced =
            reread &&
            (unproven ||
              (entry?.proof === 'length' &&
                ((conditional && known?.etag) || (await isReplaced(store, info, response, known)))))
          if (replaced) await store.remove(info.content)
          const continues = reads && response.status === 206
          if (openResponses && (!entry || replaced || continues))
            openResponses.hold(info, response, connection, call.whole)
          else connection.abort()
        },
      })
    let { principal } = call
    let authorization = await principal.authorization()
    // A request with another credential might get another answer.
    const same = authorization === call.authorization && !granted && !altered
    const network = patient || granted ? bareFetch : atOnce(bareFetch)
    const fetch = same && call.own ? ownFirst(call.own, network) : network
    const askedAt = net.clock.now()
    let answer = await ask(authorization)
    if (authorization !== undefined && isUnauthorized(answer)) {
      const renewed = await principal.renewed(authorization)
      if (renewed) {
        principal = renewed
        authorization = await principal.authorization()
        answer = await ask(authorization)
      }
    }
    const { grant } = principal
    if (call.whole && 'info' in answer) this.#callsAhead.ask(answer.info, authorization)
    answer = await this.#reconciled(address, answer, grant, () => ask(authorization))
    const place = placeOf(address, answer)
    if ('info' in answer) {
      const { info, body } = answer
      // If it cannot be stored, later requests fetch it in the usual way.
      if (body) await this.#keep(info, body).catch(() => undefined)
      const placed = await datedInfo(store, { ...info, url: place })
      if (await principal.isCurrent()) await store.saveUrl(placed, grant)
      return { answer: namedAnswer({ info: placed }, name), principal }
    }
    const { refusal } = answer
    if (answer.missing && (await principal.isCurrent()))
      await store.saveMissing({ url: place, grant, refusal, checkedAt: askedAt })
    if (!granted || !isTransient(refusal.status)) this.#tell(name, refusal, call, authorization)
    return { answer, principal }
  }

  /**
   * Requests the info again when a hub describes a commit's file differently from before, or from stored bytes with
   * its hash: the file of a commit never changes.
   *
   * @returns the description that was received twice
   * @throws FerryError `unsupported` when no two descriptions agree; the stored info of the address is then deleted
   */
  async #reconciled(
    address: string,
    first: FileAnswer,
    grant: string,
    ask: () => Promise<FileAnswer>,
  ): Promise<FileAnswer> {
    const place = placeOf(address, first)
    if (!('info' in first) || !isPinnedRevision(place)) return first
    const { store } = this.#tools
    const [stored, held] = await Promise.all([store.url(place), store.entry(first.info.content)])
    const known = stored?.info
    const differs = held?.proof !== undefined && held.size !== first.info.size
    if (!differs && (known === undefined || isSameFile(known, first.info))) return first
    const second = await ask()
    if (!('info' in second) || placeOf(address, second) !== place) return second
    if (isSameFile(first.info, second.info) || (known && isSameFile(known, second.info)))
      return second
    await store.dropUrl(place, grant)
    throw notKept(address, 'its server describes it differently each time it is asked')
  }

  /** Marks stored info as stale, also for an immutable address, so that the hub is asked again. */
  async doubt({ url, pinned = url }: FileInfo, { principal: { grant } }: Caller): Promise<void> {
    const { store } = this.#tools
    const known = await store.url(pinned)
    if (known === undefined) return
    const own = known.grants.includes(grant) ? grant : publicGrant
    await store.saveUrl({ ...known.info, freshUntil: 0 }, own)
  }

  #tell(url: string, refusal: Refusal, { quiet }: SourceOptions, credential?: string): void {
    const isSigned = !isOfHub(url) && splitCredential(credential).asked !== undefined
    const fault = quiet ? undefined : refusalFault(url, refusal, credential !== undefined, isSigned)
    if (fault) this.#tools.channel.emit({ name: 'fault', detail: encodeError(fault) })
  }
}

/** The storage address of an answer: for a branch's file the URL with its commit, if the server names one. */
function placeOf(address: string, answer: InfoAnswer): string {
  const branch = branchOf(address)
  const commit = commitOf(answer)
  return branch && commit ? branch.at(commit) + branch.path : address
}

function isUnauthorized(answer: InfoAnswer): boolean {
  return 'refusal' in answer && answer.refusal.status === 401
}
