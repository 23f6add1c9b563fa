import { hasOrigin } from './hasOrigin.ts'
import type { TokenSource } from './TokenSource.ts'

const scheme = 'Bearer '

/**
 * The `Authorization` header for an address: only where the token was given for exactly this origin.
 *
 * @param url absolute
 * @param refused a header that this address answered with 401: asks for another token
 * @returns undefined where nothing may be sent, and where another token than the source's was refused
 * @example await authorizationFor('https://huggingface.co/x', { token, origins: ['https://huggingface.co'] })
 */
export async function authorizationFor(
  url: string,
  source: TokenSource | undefined,
  refused?: string,
): Promise<string | undefined> {
  if (!source || !hasOrigin(url, source.origins)) return undefined
  if (refused !== undefined && !refused.startsWith(scheme)) return undefined
  const token = await source.token(refused?.slice(scheme.length))
  return token ? scheme + token : undefined
}
