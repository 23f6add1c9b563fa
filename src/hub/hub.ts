import { type Clock, FerryError } from '../core/index.ts'
import type { Faults } from './faults.ts'
import type { HubLog, HubOrigin, RequestKind } from './log.ts'

/** A hub over a folder: Hub and CAS protocol, and presigned storage. */
export interface Hub {
  /**
   * Answers a request; never rejects. A request belongs to storage when its origin is `storageUrl`; without a
   * `storageUrl`, by its path.
   *
   * @param caller set by a front that has identified the caller: then only its rights count; default: from the request's token
   */
  fetch(request: Request, caller?: HubCaller): Promise<Response>
  /**
   * The carried text of a caller's front, from the CAS token of a request.
   *
   * @returns undefined for other requests, without a valid CAS token, or without a carried text
   */
  carried(request: Request): string | undefined
  /** The kind of a request, by its method and path. A gateway derives costs from it. */
  kindOf(request: Pick<Request, 'method' | 'url'>): RequestKind
  /** The token with all rights, when there are no `accessTokens` and the hub is not open. */
  readonly writeToken?: string
  /** Current settings; change them with {@link configure}. */
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
  /** Invalidates all URLs that were signed so far, before their deadline. */
  expireUrls(): Promise<void>
  /** Faults on purpose, for tests of clients. */
  readonly faults: Faults
  /** The newest responses. */
  readonly log: HubLog
  /** Ends stalls and delays, refuses further requests, and unlocks the folder for another process. */
  close(): void
}

/** The caller, as identified by a front. Without it the hub reads the request's token. */
export interface HubCaller {
  /** Rights besides reading public repositories; null: none. Default: none, and any token is refused. */
  readonly rights?: Pick<AccessToken, 'read' | 'write'> | null
  /**
   * Name of the caller, the same at every request: what it uploaded once counts as uploaded for each of its
   * repositories. Default: the request's `Authorization`.
   */
  readonly subject?: string
  /**
   * Sealed into the CAS tokens of this caller, and returned by `carried` for requests with such a token, which have
   * no other credential. Signed, not encrypted.
   */
  readonly carry?: string
}

/**
 * A layer between the network and a hub, such as a gateway.
 *
 * @param serve answers a request like the hub; never rejects
 * @param hub the hub behind it
 * @returns a handler of requests; `peer` is the remote address of the socket, null after it closed
 */
export type HubFront = (
  serve: (request: Request, caller?: HubCaller) => Promise<Response>,
  hub: Hub,
) => (request: Request, from: { readonly peer: string | null }) => Promise<Response>

/** Options of a hub. Only `folder` is required; {@link HubSettings} can be changed later. */
export interface HubOptions extends Partial<HubSettings> {
  /**
   * Folder of all data; created when it is missing, with permissions for its owner only. One hub at a time may use
   * it: a second one is refused, also from another process or machine.
   */
  readonly folder: string
  /** Receives messages for the operator: damaged objects, a folder taken over. Default: none. */
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
   * Host names under which the hub accepts changes, besides `localhost`, the name in `url` and IP addresses. A
   * request with another `Host` is refused, because a page may have bound its own name to this machine.
   */
  readonly hosts?: readonly string[]
  /** Repositories whose files need a right to read them; names as in {@link AccessToken}. */
  readonly gated?: Iterable<string>
  /** Repositories that look absent to callers without the right to read them. */
  readonly private?: Iterable<string>
  /** Whether the controls answer over HTTP under `/-/`, without authentication: for demos and tests only. Default: false. */
  readonly controls?: boolean
  /** Public origin of the hub; default: the origin of each request. */
  readonly url?: string
  /** Origin of presigned URLs; default: the hub's own. */
  readonly storageUrl?: string
  /** Time, for tests. Default: the system's clock. */
  readonly clock?: Clock
}

/** Settings that can be changed at run time. Defaults are already applied. */
export interface HubSettings {
  /** Lifetime of a presigned URL, milliseconds; at least 1000. Default: one hour. */
  urlLifetimeMs: number
  /** Lifetime of a CAS token, milliseconds. Default: 15 minutes. */
  tokenLifetimeMs: number
  /**
   * True (default): a `Range` must be exactly one of those the URL was signed for, and every range of a
   * multi-range request too. False: any range within a signed one is allowed.
   */
  exactRanges: boolean
  /** Which reconstruction APIs exist. Default: both. */
  reconstruction: 'v1' | 'v2' | 'both'
  /** Status of a reconstruction API that does not exist. Default: 404. */
  absentStatus: 404 | 501
  /** False: responses of 400 and above have no CORS headers, so a browser sees an opaque failure. Default: true. */
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
   * `datasets/owner/name`, or one of these followed by `/path`; `*` matches anything. Default: none.
   */
  withoutXet: readonly string[]
  /**
   * True (default): a chunk query for an unknown chunk is answered with the xorbs of the repository. A new version of
   * a model nearly always differs in its very first chunk, the only one that clients ask for. False: 404.
   */
  dedupeHints: boolean
  /**
   * True: folders under `/<repo>/resolve/<revision>/` are answered with a page of links, for `wget -r` and
   * `rclone :http:`. Default: false, which answers 404.
   */
  listings: boolean
}

/** A hub whose two origins can be served separately. */
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
  /** The hub itself: settings, faults, log. */
  readonly hub: Hub
  /**
   * Stops listening, answers further requests with 503 and `Retry-After`, waits for running ones, and closes.
   *
   * @param ms time limit, milliseconds; requests that still run then are aborted
   * @returns number of aborted requests
   */
  stop(ms: number): Promise<number>
  /** Closes all connections, busy ones too. Afterwards the ports and the folder can be used again. */
  close(): Promise<void>
}

/**
 * A hub token and its rights. Names are `owner/name`, `datasets/owner/name`, `spaces/owner/name`; `owner/*` with or
 * without such a prefix, for all repositories of that owner and type; or `*`.
 */
export interface AccessToken {
  /** The token itself, as sent after `Bearer`. */
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
  listings: false,
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
  listings: [isBoolean, 'true or false'],
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
 * Adds defaults, and checks the values before they are used.
 *
 * @param given fields to apply; unknown names and undefined values are ignored
 * @param base values of missing fields; default: the documented defaults
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

/** A repository: its kind and its name, `owner/name` or `name`. */
export interface RepoId {
  readonly type: 'model' | 'dataset' | 'space'
  readonly name: string
}
