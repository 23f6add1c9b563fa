import { randomBytes } from 'node:crypto'
import { createAuth } from '../../src/auth/auth.ts'
import { createTokenList } from '../../src/auth/token-validation.ts'
import { loadConfig } from '../../src/config/load.ts'
import { tierLimits } from '../../src/config/tiers.ts'
import type { Crowd, Visitors } from './Crowd.ts'
import { hashOf } from './hashOf.ts'

const url = 'https://hub.example/owner/name/resolve/main/model.onnx'
/** More than there are requests, because an address may start only once in six seconds. */
const peerCount = 100_000
const tokenCount = 10_000

/**
 * Makes 100,000 addresses, 10,000 user tokens, 68 legacy tokens and 20 listed sites, with the default limits of a
 * gateway.
 */
export function gatherCrowd(): Crowd {
  const tokens = Array.from({ length: tokenCount }, () => `mf_${randomBytes(24).toString('hex')}`)
  const legacy = Array.from({ length: 68 }, () => randomBytes(16).toString('hex'))
  const sites = Array.from(
    { length: 20 },
    (_, at) => `${at % 4 === 0 ? '*.' : ''}site${at}.example`,
  )
  const auth = createAuth({
    validate: createTokenList(
      tokens.map((token, at) => ({ sha256: hashOf(token), sub: `u${at}`, tier: 'seed' })),
    ),
    legacyTokens: legacy.map(hashOf),
    legacyExpiresAt: Date.now() + 365 * 24 * 60 * 60 * 1000,
    allowedHosts: sites,
    trustedProxies: ['10.0.0.0/8'],
  })
  const peers = Array.from(
    { length: peerCount },
    (_, at) => `203.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
  )
  const visitors = (
    kind: Visitors['kind'],
    headers: readonly Record<string, string>[],
  ): Visitors => ({
    kind,
    peers,
    requests: headers.map((each) => new Request(url, { headers: { ...usual, ...each } })),
  })
  return {
    auth,
    limits: tierLimits(loadConfig({ process: {} })),
    tokens,
    kinds: [
      visitors('anonymous', [{}]),
      visitors(
        'recognised',
        sites.map((site) => ({ origin: `https://${site.replace('*', 'a')}` })),
      ),
      visitors('token', tokens.map(bearer)),
      visitors('legacy', legacy.map(bearer)),
    ],
  }
}

/** Other headers that a browser sends. */
const usual = {
  accept: '*/*',
  'accept-language': 'en',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36',
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` }
}
