/**
 * Whether a browser sends cookies along with a request. Model files are asked for without them; a server that
 * goes by cookies has to be asked by the request itself.
 *
 * @param origin of the page
 */
export function sendsCookies(
  { url, credentials }: { readonly url: string; readonly credentials: RequestCredentials },
  origin: string,
): boolean {
  if (credentials === 'same-origin') return url.startsWith(`${origin}/`)
  return credentials === 'include'
}
