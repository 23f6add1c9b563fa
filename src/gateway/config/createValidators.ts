import type { TokenValidator } from '../../auth/TokenValidator.ts'
import { createIntrospection } from '../../auth/verdicts/createIntrospection.ts'
import { createRevocationFeed } from '../../auth/verdicts/createRevocationFeed.ts'
import { createTokenList } from '../../auth/verdicts/createTokenList.ts'
import { createVerdictCache } from '../../auth/verdicts/createVerdictCache.ts'
import type { VerdictCacheOptions } from '../../auth/verdicts/VerdictCacheOptions.ts'
import type { AuthConfig, IntrospectConfig } from '../../config/AuthConfig.ts'
import { systemClock } from '../../core/systemClock.ts'
import type { GatewayParts } from './GatewayParts.ts'

/** Validators of configurations that come and go. */
export interface Validators {
  /**
   * The validator of some rules: their list first, then whoever they say is to be asked.
   *
   * @throws FerryError `configuration`
   */
  of(rules: AuthConfig): TokenValidator
  /** Ends what none of these rules needs; requests under way keep what is known. */
  keepOnly(rules: readonly AuthConfig[]): void
}

interface Remote {
  readonly validate: TokenValidator
  close(): void
}

/**
 * Makes validators. Those elsewhere are kept as long as they are configured alike, with what they have said: a change
 * of something else must not send every token to be asked about again.
 *
 * @param parts for time, network and notes
 * @param count told how lookups end
 */
export function createValidators(
  { clock = systemClock, fetch, note }: Pick<GatewayParts, 'clock' | 'fetch' | 'note'>,
  count: NonNullable<VerdictCacheOptions['count']>,
): Validators {
  const remotes = new Map<string, Remote>()

  const connect = ({ url, keyId, secret, revocationsUrl }: IntrospectConfig): Remote => {
    const common = {
      credential: { keyId, secret },
      clock,
      onFailure: ({ message }: Error) => note?.(message),
      ...(fetch && { fetch }),
    }
    const ask = createIntrospection({ ...common, url })
    const feed =
      revocationsUrl === undefined ? null : createRevocationFeed({ ...common, url: revocationsUrl })
    return {
      validate: createVerdictCache(ask, { clock, count, ...(feed && { revocations: feed }) }),
      close: () => feed?.close(),
    }
  }

  return {
    of({ tokens, introspect }) {
      const listed = tokens.map(({ expires, ...token }) => ({
        ...token,
        ...(expires !== undefined && { expiresAt: expires }),
      }))
      const inList = createTokenList(listed, clock)
      if (introspect === undefined) return inList
      const key = JSON.stringify(introspect)
      const remote = remotes.get(key) ?? connect(introspect)
      remotes.set(key, remote)
      return async (token, digest) => {
        const verdict = await inList(token, digest)
        return verdict.state === 'valid' ? verdict : remote.validate(token, digest)
      }
    },
    keepOnly(rules) {
      const needed = new Set(rules.map(({ introspect }) => JSON.stringify(introspect)))
      for (const [key, remote] of remotes) {
        if (needed.has(key)) continue
        remote.close()
        remotes.delete(key)
      }
    },
  }
}
