/**
 * A name that a validator gave, unless it holds the token: some call a user by the key, and names are logged.
 *
 * @param digest SHA-256 of the token in hex; names the user then
 */
export function nameWithoutToken(name: string, token: string, digest: string): string {
  // Texts as short as this are no secrets, and are part of many names.
  const secret = token.length >= 8
  return secret && name.includes(token) ? `sha256:${digest.slice(0, 16)}` : name
}
