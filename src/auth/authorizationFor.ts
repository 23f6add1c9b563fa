import { hasOrigin } from './hasOrigin.ts'
import type { TokenSource } from './TokenSource.ts'

/**
 * The `Authorization` header for an address: only where the token was given for exactly this origin.
 *
 * @param url absolute
 * @returns undefined where nothing may be sent
 * @example await authorizationFor('https://huggingface.co/x', { token, origins: ['https://huggingface.co'] })
 */
export async function authorizationFor(
  url: string,
  source: TokenSource | undefined,
): Promise<string | undefined> {
  if (!source || !hasOrigin(url, source.origins)) return undefined
  const token = await source.token()
  return token ? `Bearer ${token}` : undefined
}
