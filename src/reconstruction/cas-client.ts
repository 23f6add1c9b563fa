import * as v from 'valibot'
import { type ByteRange, FerryError } from '../core/index.ts'
import {
  attempt,
  type CallOptions,
  httpError,
  type Net,
  readJson,
  retrying,
  SharedCalls,
  type Waiting,
} from '../net/index.ts'
import { parseReconstruction, protocolError } from './cas-schema.ts'
import { deadline, serverSkew, type Arrival } from './signed-url.ts'
import type { FileInfo } from '../data/index.ts'
import { type AskOptions, type Block, textLike } from './record-store.ts'

/** The reconstruction of a whole 10 GB file has a few MB; those of blocks are far smaller. */
const longestReconstruction = 64 * 2 ** 20

/** State that calls share. */
export interface CasContext {
  readonly net: Net
  readonly tokens: ReadTokens
  /** The API version that worked, by base URL. */
  readonly versions: Map<string, 1 | 2>
}

/** A block before it is stored in the record. */
type FreshBlock = Omit<Block, 'generation'>

/**
 * Requests the reconstruction of a range of a file once. It tries version 2 first, and version 1 when that is not
 * offered (404, 501); later calls start with the version that worked. A refused token is renewed once.
 *
 * @param info a file on Xet
 * @param range within the file, not empty
 * @throws FerryError `not-found`, `forbidden`, `unauthorized`, `http` as the storage answers
 * @throws FerryError `protocol` for a malformed answer; `network`, `timeout`; the signal's reason
 */
export async function fetchReconstruction(
  context: CasContext,
  info: FileInfo,
  range: ByteRange,
  options: AskOptions,
): Promise<FreshBlock> {
  const token = await context.tokens.get(info, options)
  try {
    return await withVersion(context, info, range, token, options)
  } catch (error) {
    if (!(error instanceof FerryError && error.status === 401)) throw error
    const renewed = await context.tokens.renew(token, options)
    return await withVersion(context, info, range, renewed, options)
  }
}

async function withVersion(
  { net, versions }: CasContext,
  info: FileInfo,
  range: ByteRange,
  token: ReadToken,
  options: CallOptions,
): Promise<FreshBlock> {
  const { casUrl } = token
  const known = versions.get(casUrl)
  const ask = async (version: 1 | 2): Promise<FreshBlock> => {
    const block = await call(net, version, info, range, token, options)
    versions.set(casUrl, version)
    return block
  }
  const first = known ?? 2
  try {
    return await ask(first)
  } catch (error) {
    const missing = error instanceof FerryError && (error.status === 404 || error.status === 501)
    // A server may be updated or rolled back while pages are open.
    if (!missing) throw error
    return await ask(first === 2 ? 1 : 2)
  }
}

async function call(
  net: Net,
  version: 1 | 2,
  info: FileInfo,
  range: ByteRange,
  token: ReadToken,
  options: CallOptions,
): Promise<FreshBlock> {
  const url = `${token.casUrl}/v${version}/reconstructions/${info.xetHash}`
  const headers = {
    authorization: `Bearer ${token.accessToken}`,
    range: `bytes=${range.start}-${range.end - 1}`,
  }
  return await ask(
    net,
    'The reconstruction',
    { url, headers },
    options,
    async (response, sentAt) => {
      const fetchedAt = net.clock.now()
      const json = await readJson('The reconstruction', response, longestReconstruction)
      const { runs, descriptors } = parseReconstruction(json, { range, size: info.size, url })
      const urls = descriptors.map((descriptor) => descriptor.url)
      const date = response.headers.get('date')
      const skew = serverSkew({ date, urls, sentAt, receivedAt: fetchedAt })
      return { range, runs, descriptors, fetchedAt, deadline: deadline(urls), skew }
    },
  )
}

/**
 * Makes a call of this module, with retries.
 *
 * @param what name of the answer, for errors
 * @param read gets a successful response, and when its request was sent, local epoch milliseconds
 */
async function ask<T>(
  net: Net,
  what: string,
  { url, headers }: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
  options: CallOptions,
  read: (response: Response, sentAt: number) => Promise<T>,
): Promise<T> {
  let sentAt = 0
  return await retrying(
    net,
    {
      ask: () => {
        sentAt = net.clock.now()
        return attempt(net, { url, init: { headers } }, options)
      },
      read: async (response) => {
        if (!response.ok) throw await httpError(what, response, url)
        return await read(response, sentAt)
      },
    },
    options,
  )
}

/** A CAS read token. In memory only. */
interface ReadToken {
  readonly accessToken: string
  /** Base URL of the CAS, without a trailing slash. */
  readonly casUrl: string
  /** Local epoch milliseconds from which it is renewed. */
  readonly renewAt: number
  /** Its source, also for its renewal. */
  readonly tokenUrl: string
  readonly authorization?: string
}

const schema = v.object({
  // Characters allowed in a header: fetch would quote other text in its error.
  accessToken: textLike(/^[\x21-\x7e]{1,16384}$/),
  exp: v.pipe(
    v.number(),
    v.check((exp) => exp >= 1 && exp <= 8_640_000_000_000, 'expected a time in seconds'),
  ),
  casUrl: v.pipe(
    v.string(),
    v.check(isBase, 'expected an absolute http or https URL without query'),
  ),
})

/** Tokens are renewed a minute early, but at most a quarter of their lifetime early, because it may be only seconds. */
const tokenMarginMs = 60_000

/**
 * Parses the response of a token endpoint and decides when the token is renewed. If a token has already expired on
 * arrival by the local clock, the clock is wrong: the token is used until it is refused.
 *
 * @throws FerryError `protocol`, naming the field
 */
function parseReadToken(
  json: unknown,
  source: TokenSource,
  arrival: Omit<Arrival, 'urls'>,
): ReadToken {
  const parsed = v.safeParse(schema, json, { abortEarly: true })
  if (!parsed.success) throw protocolError('The read token', parsed.issues[0], source.tokenUrl)
  const { accessToken, exp, casUrl } = parsed.output
  const expiresAt = exp * 1000 - serverSkew({ ...arrival, urls: [] })
  const lifetime = expiresAt - arrival.receivedAt
  const renewAt = lifetime > 0 ? expiresAt - Math.min(tokenMarginMs, lifetime / 4) : Infinity
  // The source is spread first, because it may be the previous token.
  return { ...source, accessToken, casUrl: casUrl.replace(/\/+$/, ''), renewAt }
}

function isBase(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ''
}

interface TokenSource {
  readonly tokenUrl: string
  /** Absent unless it may be sent to this URL. */
  readonly authorization?: string
}

/**
 * The source of a file's read token, and the credential for it. The caller's `Authorization` was given for the origin
 * of the file; a response of that origin cannot redirect it elsewhere.
 *
 * @throws FerryError `protocol` when the file info has no token URL
 */
function tokenSource({ url, tokenUrl }: FileInfo, authorization?: string): TokenSource {
  if (tokenUrl === undefined) {
    const message = 'The file information has no Link with rel="xet-auth" for a read token.'
    throw new FerryError('protocol', message, { url })
  }
  return authorization !== undefined && new URL(tokenUrl).origin === new URL(url).origin
    ? { tokenUrl, authorization }
    : { tokenUrl }
}

/** Maximum bytes of a token response. */
const tokenLimit = 65_536

/**
 * CAS read tokens: one per repository revision and identity, in memory only, renewed before they expire.
 * Concurrent callers share one call.
 */
export class ReadTokens {
  readonly #net: Net
  readonly #kept = new Map<string, ReadToken>()
  readonly #calls = new SharedCalls<ReadToken>()

  constructor(net: Net) {
    this.#net = net
  }

  /**
   * A token for the storage that holds a file.
   *
   * @throws FerryError `protocol` when the file info has no token URL or the response is malformed
   * @throws FerryError `unauthorized`, `forbidden`, `not-found`, `http` as the hub answers
   * @throws FerryError `network`, `timeout`; the signal's reason
   */
  async get(info: FileInfo, options: AskOptions = {}): Promise<ReadToken> {
    const source = tokenSource(info, options.authorization)
    const kept = this.#kept.get(keyOf(source))
    return kept !== undefined && this.#net.clock.now() < kept.renewAt
      ? kept
      : await this.#fetch(source, options)
  }

  /**
   * The replacement of a refused token: one call for all its holders.
   *
   * @throws as {@link get}
   */
  async renew(refused: ReadToken, options: CallOptions = {}): Promise<ReadToken> {
    const kept = this.#kept.get(keyOf(refused))
    return kept !== undefined && kept.accessToken !== refused.accessToken
      ? kept
      : await this.#fetch(refused, options)
  }

  #fetch(source: TokenSource, options: CallOptions): Promise<ReadToken> {
    const key = keyOf(source)
    const start = async (signal: AbortSignal, waiting: Waiting): Promise<ReadToken> => {
      const token = await fetchToken(this.#net, source, { signal, waiting })
      this.#dropOld()
      this.#kept.set(key, token)
      return token
    }
    return this.#calls.join(key, start, options.signal, options.waiting)
  }

  #dropOld(): void {
    const now = this.#net.clock.now()
    for (const [key, { renewAt }] of this.#kept) if (renewAt <= now) this.#kept.delete(key)
  }
}

function keyOf({ tokenUrl, authorization }: TokenSource): string {
  return JSON.stringify([tokenUrl, authorization])
}

async function fetchToken(net: Net, source: TokenSource, options: CallOptions): Promise<ReadToken> {
  const { tokenUrl: url, authorization } = source
  const headers = authorization === undefined ? {} : { authorization }
  return await ask(net, 'The read token', { url, headers }, options, async (response, sentAt) => {
    const arrival = { date: response.headers.get('date'), sentAt, receivedAt: net.clock.now() }
    const fromHeaders = tokenHeaders(response.headers)
    if (fromHeaders !== undefined) await response.body?.cancel()
    const json = fromHeaders ?? (await readJson('The read token', response, tokenLimit))
    return parseReadToken(json, source, arrival)
  })
}

/** The same three values from headers; some servers send them there, with any body. */
function tokenHeaders(headers: Headers): unknown {
  const accessToken = headers.get('x-xet-access-token')
  if (accessToken === null) return undefined
  const exp = Number(headers.get('x-xet-token-expiration') ?? Number.NaN)
  return { accessToken, exp, casUrl: headers.get('x-xet-cas-url') }
}
