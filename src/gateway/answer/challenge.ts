/**
 * `WWW-Authenticate` for bearer tokens. Without an error when no token came: then nothing is wrong with it.
 *
 * @param realm without quotes and backslashes
 * @see RFC 6750, section 3
 */
export function challenge(realm: string, error?: 'invalid_token' | 'invalid_request'): string {
  return `Bearer realm="${realm}"${error === undefined ? '' : `, error="${error}"`}`
}
