import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type { AuthConfig } from './AuthConfig.ts'

/**
 * Says which tokens are words that everybody knows: nothing at all, or the name of a listed site. A list of tokens
 * that was once compared with host names as well may hold some.
 *
 * @param place of the rules, as in `auth`
 */
export function guessable(place: string, rules: AuthConfig): string[] {
  const hosts = [...rules.allowedHosts, ...rules.registeredHosts]
  const words = ['', 'localhost', ...hosts.map((host) => host.replace(/^\*\./, ''))]
  const digests = new Map(words.map((word) => [bytesToHex(sha256(utf8ToBytes(word))), word]))
  const fault = (at: string, digest: string, advice = ''): string[] => {
    const word = digests.get(digest)
    if (word === undefined) return []
    const seen = word === '' ? 'an empty text' : `the host ${word}${advice}`
    return [`${place}.${at}: expected the digest of a secret, got that of ${seen}`]
  }
  const legacy = rules.legacyTokens.flatMap((digest, index) =>
    fault(`legacyTokens[${index}]`, digest, '; legacyHostNames would keep it'),
  )
  const listed = rules.tokens.flatMap((token, index) =>
    fault(`tokens[${index}].sha256`, token.sha256),
  )
  return [...(rules.legacyHostNames ? [] : legacy), ...listed]
}
