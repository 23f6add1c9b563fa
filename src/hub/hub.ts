import { type Clock, FerryError } from '../core/index.ts'

/** A hub over a folder: Hub and CAS protocol, and presigned storage. */
export interface Hub {
  /**
   * Answers a request; never rejects. A request belongs to storage when its origin is `storageUrl`; without a
   * `storageUrl`, by its path.
   *
   * @param caller set by a front that has identified the caller: its rights alone count then; default: the request's token says it
   */
  fetch(request: Request, caller?: HubCaller): Promise<Response>
  /**
   * What a caller's front gave to carry, sealed in the CAS token that a call of the CAS brings.
   *
   * @returns undefined for other requests, without a valid CAS token, and for one that carries nothing
   */
  carried(request: Request): string | undefined
  /** What a request asks for, by its method and path. A gateway's costs follow from it. */
  kindOf(request: Pick<Request, 'method' | 'url'>): RequestKind
  /** The token that may write, where no `accessTokens` were given and the hub is not open. */
  readonly writeToken?: string
  /** What holds now; change it with {@link configure}. */
  readonly settings: Readonly<HubSettings>
  /**
   * Changes settings from the next request on.
   *
   * @throws FerryError `configuration`, naming the field; nothing is changed then
   */
  configure(change: Partial<HubSettings>): void
  /** Repositories whose files need a right: `owner/name`, `datasets/owner/name`. Add and delete at any time. */
  readonly gated: Set<string>
  /** Repositories that do not exist without one. */
  readonly private: Set<string>
  /** Refuses everything that was signed so far, however long it was good for. */
  expireUrls(): Promise<void>
  readonly faults: Faults
  readonly log: HubLog
  /** Ends stalls and delays, refuses further requests, and gives the folder free for another process. */
  close(): void
}

/** The caller, as something in front of the hub has identified it. Without one the hub reads the request's token. */
export interface HubCaller {
  /** What it may do besides reading what is public; null: nothing. Default: nothing, and any token is refused. */
  readonly rights?: Pick<AccessToken, 'read' | 'write'> | null
  /**
   * Sealed into the CAS tokens that this caller gets, and given back by `carried` for requests that bring one:
   * they hold no other credential. Signed, not encrypted.
   */
  readonly carry?: string
}

/**
 * Puts something between the network and a hub, such as a gateway.
 *
 * @param serve answers a request as the hub does; never rejects
 * @param hub the hub behind it
 * @returns answers what arrives; `peer` is the address of the socket's other end, null when it is gone
 */
export type HubFront = (
  serve: (request: Request, caller?: HubCaller) => Promise<Response>,
  hub: Hub,
) => (request: Request, from: { readonly peer: string | null }) => Promise<Response>

/** What a hub is made with. Only `folder` must be given; see {@link HubSettings} for what can be changed later. */
export interface HubOptions extends Partial<HubSettings> {
  /**
   * Where everything is kept; made when it is missing, with permissions for its owner only. One hub at a time may use
   * it: a second one is refused, also from another process or machine.
   */
  readonly folder: string
  /** Told what an operator should know: damaged objects, a folder taken over. Default: not told. */
  readonly note?: (message: string) => void
  /**
   * Tokens and what each may do; only their SHA-256 is kept. Default: one random token that may read and write
   * everything, made at each start, see {@link Hub.writeToken}. Behind a front, rights come from the front alone.
   */
  readonly accessTokens?: readonly AccessToken[]
  /**
   * True: every token that begins with `hf_` may read and write everything, and `accessTokens` must not be given. For
   * demos and tests: a program on this machine may then change every file. Default: false.
   */
  readonly open?: boolean
  /**
   * Names under which the hub may be asked for changes, besides `localhost`, the name in `url` and IP addresses.
   * A request with another `Host` is refused, because a page may have bound its own name to this machine.
   */
  readonly hosts?: readonly string[]
  /** Repositories whose files are only for tokens that may read them; names as in {@link AccessToken}. */
  readonly gated?: Iterable<string>
  /** Repositories that do not exist for whoever may not read them. */
  readonly private?: Iterable<string>
  /** Whether the controls answer over HTTP under `/-/`, to anybody: for demos and tests only. Default: false. */
  readonly controls?: boolean
  /** Origin under which pages reach the hub; default: the origin of each request. */
  readonly url?: string
  /** Origin that presigned URLs point to; default: the hub's own. */
  readonly storageUrl?: string
  /** Time, for tests. Default: the system's clock. */
  readonly clock?: Clock
}

/** What may be changed while the hub runs. Every field is complete: defaults are filled in once. */
export interface HubSettings {
  /** How long a presigned URL is good for, milliseconds; 1000 at least. Default: one hour. */
  urlLifetimeMs: number
  /** How long a CAS token is good for, milliseconds. Default: 15 minutes. */
  tokenLifetimeMs: number
  /**
   * True (default): a `Range` must be exactly one of those the URL was signed for, and every range of a
   * multi-range request too. False: any range within a signed one will do.
   */
  exactRanges: boolean
  /** Which reconstruction APIs exist. Default: both. */
  reconstruction: 'v1' | 'v2' | 'both'
  /** How the API that does not exist answers. Default: 404. */
  absentStatus: 404 | 501
  /** False: answers of 400 and above carry no CORS headers, so a browser sees an opaque failure. Default: true. */
  corsOnErrors: boolean
  /**
   * True: one URL per xorb, signed for several ranges. False (default): one URL per range, which suits
   * browsers, because only a single range is free of preflights.
   */
  multirange: boolean
  /** Most bytes of one signed range; a run of chunks that is longer becomes several terms. Default: no limit. */
  descriptorBytes: number
  /**
   * Files that are served as plain LFS objects although they are stored as xorbs: `owner/name`,
   * `datasets/owner/name`, or one of these with `/path` behind it; `*` stands for anything. Default: none.
   */
  withoutXet: readonly string[]
  /**
   * True (default): a chunk query for an unknown chunk is answered with what the repository already holds,
   * because a new version of a model nearly always differs in its very first chunk, the only one that
   * clients ask about. False: 404.
   */
  dedupeHints: boolean
}

/** Where a request arrived: hub and CAS, or presigned storage. */
export type HubOrigin = 'hub' | 'storage'

/** A hub whose two origins can be served apart. */
export interface OpenHub {
  readonly hub: Hub
  /** Answers a request that arrived at one of the two origins; never rejects. */
  readonly serve: (request: Request, origin: HubOrigin, caller?: HubCaller) => Promise<Response>
  /** As {@link Hub.close}; resolves when the folder may be used again. */
  readonly close: () => Promise<void>
}

/** A hub that listens. */
export interface RunningHub {
  /** Origin of hub and CAS. */
  readonly url: string
  /** Origin of presigned storage. */
  readonly storageUrl: string
  readonly hub: Hub
  /**
   * Stops listening, answers further requests with 503 and `Retry-After`, waits for those that run, and closes.
   *
   * @param ms how long to wait for them, milliseconds; what still runs then is cut
   * @returns how many requests were cut
   */
  stop(ms: number): Promise<number>
  /** Ends all connections, the busy ones too. Then the same ports and folder may be used again. */
  close(): Promise<void>
}

/** A hub token and what it opens. Names are `owner/name`, `datasets/owner/name`, `spaces/owner/name`, or `*`. */
export interface AccessToken {
  /** The token itself, as sent behind `Bearer`. */
  readonly token: string
  /** Gated and private repositories it may read. Public ones need no token. Default: those it may write. */
  readonly read?: readonly string[]
  /** Repositories it may create and change. Default: none. */
  readonly write?: readonly string[]
}

const defaults: Readonly<HubSettings> = {
  urlLifetimeMs: 3_600_000,
  tokenLifetimeMs: 900_000,
  exactRanges: true,
  reconstruction: 'both',
  absentStatus: 404,
  corsOnErrors: true,
  multirange: false,
  descriptorBytes: Number.POSITIVE_INFINITY,
  withoutXet: [],
  dedupeHints: true,
}

const accepts: {
  readonly [Key in keyof HubSettings]: readonly [(value: unknown) => boolean, string]
} = {
  urlLifetimeMs: [atLeast(1000), 'milliseconds, 1000 or more'],
  tokenLifetimeMs: [atLeast(1), 'milliseconds, 1 or more'],
  exactRanges: [isBoolean, 'true or false'],
  reconstruction: [oneOf('v1', 'v2', 'both'), "'v1', 'v2' or 'both'"],
  absentStatus: [oneOf(404, 501), '404 or 501'],
  corsOnErrors: [isBoolean, 'true or false'],
  multirange: [isBoolean, 'true or false'],
  descriptorBytes: [atLeast(1), 'bytes, 1 or more'],
  withoutXet: [isTexts, 'a list of repository names or patterns'],
  dedupeHints: [isBoolean, 'true or false'],
}

function atLeast(least: number): (value: unknown) => boolean {
  return (value) => typeof value === 'number' && value >= least
}

function oneOf(...values: unknown[]): (value: unknown) => boolean {
  return (value) => values.includes(value)
}

function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/**
 * Fills in what was left out, and says what is wrong before anything runs with it.
 *
 * @param given fields to take over; others (unknown names, undefined) are left alone
 * @param base what holds for the fields that were not given; default: the documented defaults
 * @throws FerryError `configuration`, naming the field and what it accepts
 * @example resolveSettings({ urlLifetimeMs: 1000 }).exactRanges // true
 */
export function resolveSettings(
  given: Partial<HubSettings>,
  base: Readonly<HubSettings> = defaults,
): HubSettings {
  const settings: Record<string, unknown> = { ...base }
  for (const [key, [accept, expected]] of Object.entries(accepts)) {
    const value = given[key as keyof HubSettings]
    if (value === undefined) continue
    if (!accept(value)) {
      throw new FerryError(
        'configuration',
        `The hub setting ${key} must be ${expected}, but it is ${JSON.stringify(value)}.`,
      )
    }
    settings[key] = value
  }
  return settings as unknown as HubSettings
}

/** The faults of a hub. */
export interface Faults {
  /** Rules that are not used up, in the order they were added. The first that fits a request holds. */
  readonly rules: readonly FaultRule[]
  /**
   * @returns takes the rule back
   * @throws FerryError `configuration` when the rule is none
   * @example const stop = hub.faults.add({ kind: 'xorb', times: 3, action: { do: 'status', status: 403 } })
   */
  add(rule: FaultRule): () => void
  clear(): void
}

/** Which requests go wrong, how often, and how. Preflights never do. */
export interface FaultRule {
  readonly kind: RequestKind
  /** Only for this xorb. */
  readonly xorb?: string
  /** Only where the request's decoded path ends so. */
  readonly path?: string
  /** Begins with the nth request that fits, counted from 1. Default: 1. */
  readonly nth?: number
  /** Holds for so many requests. Default: 1; `Infinity` (null in JSON): until it is removed. */
  readonly times?: number | null
  readonly action: FaultAction
}

/** What goes wrong. Offsets count bytes of the answer's body. */
export type FaultAction =
  /** Another status in place of the answer, with the refusal body of that place. */
  | {
      readonly do: 'status'
      readonly status: number
      readonly headers?: Readonly<Record<string, string>>
    }
  /** The connection is destroyed after so many bytes. */
  | { readonly do: 'cut'; readonly after: number }
  /** The body ends cleanly after so many bytes, and `Content-Length` says that this is all. */
  | { readonly do: 'short'; readonly after: number }
  /** One bit of the byte at this offset is flipped. */
  | { readonly do: 'flip'; readonly at: number }
  /** One bit in the middle of the first chunk that is stored with this compression scheme is flipped. */
  | { readonly do: 'flip'; readonly scheme: 0 | 1 | 2 }
  /** Two chunk records change places; counted from 0 within the body. */
  | { readonly do: 'swap'; readonly first: number; readonly second: number }
  /** Nothing comes for a while after so many bytes. */
  | { readonly do: 'stall'; readonly after: number; readonly ms: number }
  /** The whole answer comes later. */
  | { readonly do: 'delay'; readonly ms: number }
  /** The answer carries no CORS headers: a page of another origin sees a network error. */
  | { readonly do: 'drop-cors' }

/** What the hub answered. Entries of answers still on their way keep growing. */
export interface HubLog {
  /** Oldest first; the newest 10,000. */
  readonly entries: readonly LogEntry[]
  /**
   * Calls `listener` for every answer that is over.
   *
   * @returns ends the calls
   */
  listen(listener: (entry: LogEntry) => void): () => void
  clear(): void
}

/** One request the hub answered. Holds no query and no token. */
export interface LogEntry {
  /** Epoch milliseconds of its arrival, by the hub's clock. */
  readonly at: number
  readonly origin: HubOrigin
  /** `preflight` for OPTIONS. */
  readonly kind: RequestKind | 'preflight'
  readonly method: string
  /** Without query. */
  readonly path: string
  /** `Range` as sent, or null. */
  readonly range: string | null
  readonly status: number
  /** Whether an `Authorization` header was sent. */
  readonly authorization: boolean
  /** Bytes of the request's body, as announced. */
  readonly received: number
  /** Bytes of the answer's body handed to the connection so far. */
  readonly bytes: number
  /** Whether the answer is over: delivered, cut or cancelled. */
  readonly done: boolean
}

/** Kinds of requests, as logs and faults call them. */
export type RequestKind =
  | 'resolve'
  | 'raw'
  | 'token'
  | 'tree'
  | 'revision'
  | 'paths-info'
  | 'preupload'
  | 'commit'
  | 'batch'
  | 'create-repo'
  | 'delete-repo'
  | 'move-repo'
  | 'list-repos'
  | 'refs'
  | 'lfs-files'
  | 'reconstruction'
  | 'chunk'
  | 'xorb-upload'
  | 'file'
  | 'shard'
  | 'xorb'
  | 'lfs'
  | 'settings'
  | 'account'
  | 'commits'
  | 'absent'
  | 'control'
  | 'unknown'

/** A repository: its kind and its name, `owner/name` or `name`. */
export interface RepoId {
  readonly type: 'model' | 'dataset' | 'space'
  readonly name: string
}
