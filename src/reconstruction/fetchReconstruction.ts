import type { ByteRange } from '../core/ByteRange.ts'
import { FerryError } from '../core/FerryError.ts'
import { attempt } from '../net/attempt.ts'
import type { CallOptions } from '../net/CallOptions.ts'
import { httpError } from '../net/httpError.ts'
import type { Net } from '../net/Net.ts'
import { readJson } from '../net/readJson.ts'
import { retrying } from '../net/retrying.ts'
import type { AskOptions } from './AskOptions.ts'
import type { Block } from './Block.ts'
import { deadline } from './deadline.ts'
import type { FileInfo } from '../protocol/FileInfo.ts'
import { parseReconstruction } from './parseReconstruction.ts'
import type { ReadToken } from './ReadToken.ts'
import type { ReadTokens } from './ReadTokens.ts'
import { serverSkew } from './serverSkew.ts'

/** A whole file of 10 GB has an answer of a few MB; blocks are far smaller. */
const limit = 64 * 2 ** 20

/** What calls learn from each other. */
export interface CasContext {
  readonly net: Net
  readonly tokens: ReadTokens
  /** The version of the API that worked, by base address. */
  readonly versions: Map<string, 1 | 2>
}

/** A block before it has its place in the record. */
export type FreshBlock = Omit<Block, 'generation'>

/**
 * Asks once how a range of a file is put together, and where its parts are. Version 2; where that is not
 * offered (404, 501), version 1, and from then on only the one that worked. A refused token is renewed once.
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
  if (known !== undefined) return await ask(known)
  try {
    return await ask(2)
  } catch (error) {
    const missing = error instanceof FerryError && (error.status === 404 || error.status === 501)
    if (!missing) throw error
    return await ask(1)
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
  let sentAt = net.clock.now()
  const ask = (): Promise<Response> => {
    sentAt = net.clock.now()
    return attempt(net, { url, init: { headers } }, options)
  }
  const read = async (response: Response): Promise<FreshBlock> => {
    if (!response.ok) {
      await response.body?.cancel()
      throw httpError('The reconstruction', response, url)
    }
    const fetchedAt = net.clock.now()
    const json = await readJson('The reconstruction', response, limit)
    const { runs, descriptors } = parseReconstruction(json, { range, size: info.size, url })
    const urls = descriptors.map((descriptor) => descriptor.url)
    const date = response.headers.get('date')
    const skew = serverSkew({ date, urls, sentAt, receivedAt: fetchedAt })
    return { range, runs, descriptors, fetchedAt, deadline: deadline(urls), skew }
  }
  return await retrying(net, { ask, read }, options)
}
