// Explains how a page's request for a URL would be answered: for ferry.explain(), and for the console under `debug`.
// explain() is a pure policy over the facts that an Explainer collects.
import {
  addressOf,
  type FilePatterns,
  isOfHub,
  isRuntime,
  joinCredential,
  metadataMatcher,
} from '../address/index.ts'
import { withTimeout } from '../core/index.ts'
import { type Channel, clientHeader, encodeError } from '../protocol/index.ts'
import type { ErrorData, Explanation, FileInfo, Refusal } from '../data/index.ts'
import { Bypass, type FileSource, ownRequestNotice, whyNotFor } from '../transfer/index.ts'
import { type Backoff, describeRefusal, hostOf, secondsOf } from '../net/index.ts'
import type { CatalogFile, Store } from '../store/index.ts'
import type { LoaderSettings } from './loader-options.ts'

/** The facts about a URL. */
export interface Facts {
  /** Without secrets. */
  readonly url: string
  /** Kind of the URL, by its form; undefined: modelferry does not answer it. */
  readonly kind?: 'file' | 'metadata' | 'runtime' | undefined
  /** Which service worker answers the page's own requests: modelferry's, another one (or none any more), or none. */
  readonly control: 'ours' | 'foreign' | 'none'
  /** Whether the URL contains a token, a signature, or parts that a pattern's key omits. */
  readonly secret: boolean
  /** The server's response for the file, or the error of the request. */
  readonly answer?:
    | { readonly info: FileInfo }
    | { readonly refusal: Pick<Refusal, 'status' | 'headers' | 'body'> }
    | { readonly error: ErrorData }
    | undefined
  /** Why that response does not apply to the page's request; undefined: it does. */
  readonly passed?: string | undefined
  /** The part of these bytes on the device. */
  readonly held?: Pick<CatalogFile, 'state' | 'proof' | 'held'> | undefined
  /** Why a recent download from the same repository failed. */
  readonly bypass?: string | undefined
  /** Remaining pause that the server asked for, milliseconds. */
  readonly pauseMs: number
  /** Whether Xet downloads are enabled. */
  readonly xet: boolean
}

/** Explains a plain GET of the page. */
export function explain(facts: Facts): Explanation {
  const { url, kind, control, secret, pauseMs } = facts
  const outcome =
    control === 'ours' ? outcomeOf(facts) : withoutControl(outcomeOf(facts), kind, control)
  const reasons = [...outcome.reasons]
  if (secret)
    reasons.push(
      'The URL contains a secret, which is not stored: with another one, the server is asked before the file is returned.',
    )
  if (pauseMs > 0 && outcome.from !== 'device')
    reasons.push(`Its server asked for a pause; ${secondsOf(pauseMs)} s of it are left.`)
  return { ...outcome, url, reasons }
}

type Outcome = Omit<Explanation, 'url'>

function own(reason: string): Outcome {
  const reasons = [`${reason} The page's own request is made instead.`]
  return { carried: false, from: 'network', proven: 'no', reasons }
}

/** What becomes of the page's own request where another service worker answers it, or none. */
function withoutControl(
  { carried, reasons }: Outcome,
  kind: Facts['kind'],
  control: Facts['control'],
): Outcome {
  const who =
    control === 'none'
      ? 'No service worker of modelferry answers this page'
      : "Another service worker answers this page, or none: the site's data was cleared"
  const only = own(`${who}: only ferry.fetch and ferry.prefetch use modelferry.`)
  if (!carried) return { ...only, reasons: [...reasons, ...only.reasons] }
  const otherwise = kind === 'file' ? reasons.map((reason) => `ferry.fetch: ${reason}`) : []
  return { ...only, reasons: [...only.reasons, ...otherwise] }
}

function carried(
  from: Outcome['from'],
  proven: Outcome['proven'],
  ...reasons: readonly string[]
): Outcome {
  return { carried: true, from, proven, reasons }
}

function outcomeOf({ url, kind, answer, passed, held, bypass, xet }: Facts): Outcome {
  switch (kind) {
    case undefined:
      return own(
        /^[^?]+\/blob\/./.test(url)
          ? 'It is the web page of a file. The URL of the file has "/resolve/" in place of "/blob/".'
          : 'It is no model file: the URL matches no hub of `hubs` and no pattern of `files`, and is no file on this origin with the extension of a model.',
      )
    case 'metadata':
      return carried(
        'hub',
        'no',
        'It is a listing, a pointer or a small file of a hub: revalidated after five minutes, stored for offline use.',
      )
    case 'runtime':
      return carried(
        'plain',
        'no',
        'It is a script or WebAssembly of a known runtime in an exact version, stored at its first request.',
      )
    default:
  }
  if (answer === undefined) return own('Nothing is known about it.')
  if ('error' in answer) return own(answer.error.message)
  if ('refusal' in answer)
    return carried(
      isOfHub(url) ? 'hub' : 'plain',
      'no',
      `${hostOf(url)} answers ${describeRefusal(answer.refusal)}, and the page gets that response.`,
    )
  const { size, xetHash, sha256, commit, ranges } = answer.info
  if (passed !== undefined)
    return own(`The stored response does not apply to the page, because ${passed}.`)
  if (held?.state === 'complete') {
    const { proof = 'length' } = held
    return carried('device', proof === 'length' ? 'no' : proof, 'The whole file is on the device.')
  }
  if (bypass !== undefined)
    return own(`A download from this repository failed within the last three minutes: ${bypass}`)
  const what = held?.held ? `${held.held} of ${size} bytes are on the device. The rest` : 'It'
  if (xetHash !== undefined && xet)
    return carried('storage', 'xet', `${what} comes in chunks from the storage that the hub names.`)
  if (xetHash !== undefined && sha256 === undefined)
    return own('connect({ xet: false }) excludes Xet, and no SHA-256 proves the file.')
  const split = xetHash !== undefined || ranges === true
  return carried(
    commit === undefined ? 'plain' : 'hub',
    sha256 === undefined ? 'no' : 'sha256',
    `${what} comes from its own URL${split ? '' : ', whole, because its server offers no ranges'}.`,
    ...(sha256 === undefined
      ? ['No hash proves it; only its length and its validators are known.']
      : []),
  )
}

/** Where an {@link Explainer} gets its facts. */
export interface ExplainerParts {
  readonly channel: Channel
  readonly patterns: FilePatterns
  /** A URL that the service worker answers, if it controls the page. */
  readonly ping: string | undefined
  readonly settings: Pick<LoaderSettings, 'xet' | 'debug'>
  readonly isFile: (url: string) => boolean
  readonly engine: Pick<FileSource, 'info'>
  readonly store: Pick<Store, 'entry'>
  readonly backoff: Pick<Backoff, 'left'>
  /** Id of the page, as the engine knows it. */
  readonly client: string
  /** The repositories that this realm passes through. */
  readonly bypass: Bypass
}

/** Explains URLs to the page, and under `debug` logs each file when it is first requested from the loader. */
export class Explainer {
  readonly #parts: ExplainerParts
  /** The repositories that the service worker passes through, according to its faults. */
  readonly #passed = new Bypass()
  readonly #logged = new Set<string>()
  readonly close: () => void

  constructor(parts: ExplainerParts) {
    this.#parts = parts
    this.close = parts.channel.listen((envelope) => {
      if (envelope.kind === 'ask' && envelope.name === 'info') this.log(envelope.ask.url)
      if (envelope.kind !== 'event' || envelope.event.name !== 'fault') return
      const { url, message } = envelope.event.detail
      if (url !== undefined && message.includes(ownRequestNotice))
        this.#passed.addRepository(url, message)
    })
  }

  /**
   * Requests the file information if the device does not have it, for {@link limitMs} at most. A small file of a plain
   * server comes with it; no other file is fetched.
   *
   * @param controlled whether the page is: this worker may still be when the site's data was cleared
   * @throws the signal's reason
   */
  async explain(
    url: string,
    signal?: AbortSignal,
    controlled: boolean = true,
  ): Promise<Explanation> {
    return explain(await this.#facts(url.split('#', 1)[0] ?? '', controlled, signal))
  }

  /** Logs the explanation of a file as a console group, once, under `debug`. */
  log(url: string): void {
    if (!this.#parts.settings.debug || this.#logged.has(url)) return
    this.#logged.add(url)
    this.explain(url).then(show, () => undefined)
  }

  async #facts(asked: string, controlled: boolean, signal?: AbortSignal): Promise<Facts> {
    const { patterns, ping, settings, isFile, engine, store, backoff, client, bypass } = this.#parts
    const { name: url, asked: whole } = addressOf(asked, patterns.files)
    const facts: Facts = {
      url,
      control: await controlBy(ping, controlled),
      secret: whole !== undefined,
      pauseMs: backoff.left(url),
      xet: settings.xet,
      bypass: bypass.why(url) ?? this.#passed.why(url),
    }
    if (!isFile(asked)) {
      const metadata = metadataMatcher(patterns.hubs)(url)
      return { ...facts, kind: metadata ? 'metadata' : isRuntime(url) ? 'runtime' : undefined }
    }
    const authorization = joinCredential(whole, undefined)
    const over = new AbortController()
    const until = signal ? AbortSignal.any([signal, over.signal]) : over.signal
    const options = { client, authorization, signal: until, quiet: true }
    const late = `${hostOf(url)} has not answered within ${limitMs / 1000} s.`
    const answer = await withTimeout(engine.info(url, options), limitMs, late)
      .catch((error: unknown) => ({ error: encodeError(error) }))
      .finally(() => over.abort())
    signal?.throwIfAborted()
    if (!('info' in answer)) return { ...facts, kind: 'file', answer }
    const { info } = answer
    const request = { url: asked, method: 'GET', headers: new Headers() }
    const passed = whyNotFor(request, info, patterns.origin ?? '')
    return { ...facts, kind: 'file', answer, passed, held: await store.entry(info.content) }
  }
}

/** Longest wait for the file information, milliseconds: the engine gives a stored answer after five seconds of silence. */
const limitMs = 8000

/** modelferry's service worker identifies itself in the response to a ping. */
async function controlBy(ping: string | undefined, controlled: boolean): Promise<Facts['control']> {
  if (ping === undefined) return 'none'
  if (!controlled) return 'foreign'
  const signal = AbortSignal.timeout(limitMs)
  const answer = await fetch(ping, { method: 'HEAD', signal }).catch(() => undefined)
  return answer?.headers.has(clientHeader) ? 'ours' : 'foreign'
}

function show({ url, carried, from, proven, reasons }: Explanation): void {
  const how = carried ? `carried from ${from}, proven: ${proven}` : 'not carried'
  console.groupCollapsed(`modelferry: ${url} is ${how}`)
  for (const reason of reasons) console.info(reason)
  console.groupEnd()
}
