/** Grant of files that the hub gives to everybody. */
export const publicGrant = 'public'

/**
 * Names who may be answered without telling the token: a digest of the credential, cut to 128 bits.
 *
 * @param authorization header value; undefined: nobody in particular
 */
export async function grantOf(authorization: string | undefined): Promise<string> {
  if (authorization === undefined) return publicGrant
  const bytes = new TextEncoder().encode(`modelferry grant ${authorization}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
