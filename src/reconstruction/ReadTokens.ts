import { attempt } from '../net/attempt.ts'
import type { CallOptions } from '../net/CallOptions.ts'
import { httpError } from '../net/httpError.ts'
import type { Net } from '../net/Net.ts'
import { readJson } from '../net/readJson.ts'
import { retrying } from '../net/retrying.ts'
import { SharedCalls } from '../net/SharedCalls.ts'
import type { AskOptions } from './AskOptions.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { parseReadToken } from './parseReadToken.ts'
import type { ReadToken } from './ReadToken.ts'
import { tokenSource } from './tokenSource.ts'
import type { TokenSource } from './tokenSource.ts'

/** Bytes of a token answer that are read at most. */
const limit = 65_536

/**
 * CAS read tokens: one per repository revision and identity, in memory only, renewed before they expire.
 * One call serves all who ask at the same time.
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
   * @throws FerryError `protocol` when the file names no token address or the answer is malformed
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
   * The token after one that was refused: one call for all who hold the refused one.
   *
   * @throws as {@link get}
   */
  async renew(refused: ReadToken, options: CallOptions = {}): Promise<ReadToken> {
    const kept = this.#kept.get(keyOf(refused))
    return kept !== undefined && kept.accessToken !== refused.accessToken
      ? kept
      : await this.#fetch(refused, options)
  }

  #fetch(source: TokenSource, { signal, waiting }: CallOptions): Promise<ReadToken> {
    const key = keyOf(source)
    const start = async (signal: AbortSignal): Promise<ReadToken> => {
      const token = await fetchToken(this.#net, source, { signal, waiting })
      this.#dropOld()
      this.#kept.set(key, token)
      return token
    }
    return this.#calls.join(key, start, signal)
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
  let sentAt = net.clock.now()
  const ask = (): Promise<Response> => {
    sentAt = net.clock.now()
    return attempt(net, { url, init: { headers } }, options)
  }
  const read = async (response: Response): Promise<ReadToken> => {
    if (!response.ok) {
      await response.body?.cancel()
      throw httpError('The read token', response, url)
    }
    const arrival = { date: response.headers.get('date'), sentAt, receivedAt: net.clock.now() }
    const fromHeaders = tokenHeaders(response.headers)
    if (fromHeaders !== undefined) await response.body?.cancel()
    const json = fromHeaders ?? (await readJson('The read token', response, limit))
    return parseReadToken(json, source, arrival)
  }
  return await retrying(net, { ask, read }, options)
}

/** The same three values; some servers give them as headers, with any body. */
function tokenHeaders(headers: Headers): unknown {
  const accessToken = headers.get('x-xet-access-token')
  if (accessToken === null) return undefined
  const exp = Number(headers.get('x-xet-token-expiration') ?? Number.NaN)
  return { accessToken, exp, casUrl: headers.get('x-xet-cas-url') }
}
