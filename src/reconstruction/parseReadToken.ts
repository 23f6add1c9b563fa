import * as v from 'valibot'
import { protocolError } from './protocolError.ts'
import type { ReadToken } from './ReadToken.ts'
import { serverSkew } from './serverSkew.ts'
import type { Arrival } from './serverSkew.ts'
import type { TokenSource } from './tokenSource.ts'

const schema = v.object({
  // What may stand in a header: fetch would quote anything else in its error.
  accessToken: v.pipe(v.string(), v.regex(/^[\x21-\x7e]{1,16384}$/)),
  exp: v.pipe(v.number(), v.minValue(1), v.maxValue(8_640_000_000_000)),
  casUrl: v.pipe(
    v.string(),
    v.check(isBase, 'expected an absolute http or https URL without query'),
  ),
})

/** Clients renew a minute early; the token may live for seconds only, so at most a quarter of its life. */
const marginMs = 60_000

/**
 * Reads the answer of a token endpoint and decides when it is renewed. A token that has expired on
 * arrival, by the clock as we know it, shows that the clock is wrong: it is used until refused.
 *
 * @throws FerryError `protocol`, naming the field
 */
export function parseReadToken(
  json: unknown,
  source: TokenSource,
  arrival: Omit<Arrival, 'urls'>,
): ReadToken {
  const parsed = v.safeParse(schema, json, { abortEarly: true })
  if (!parsed.success) throw protocolError('The read token', parsed.issues[0], source.tokenUrl)
  const { accessToken, exp, casUrl } = parsed.output
  const expiresAt = exp * 1000 - serverSkew({ ...arrival, urls: [] })
  const lifetime = expiresAt - arrival.receivedAt
  const renewAt = lifetime > 0 ? expiresAt - Math.min(marginMs, lifetime / 4) : Infinity
  // The source comes first: it may be the token before, and must not outlive itself.
  return { ...source, accessToken, casUrl: casUrl.replace(/\/+$/, ''), renewAt }
}

function isBase(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === ''
}
