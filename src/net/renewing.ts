import type { Fetch } from './Fetch.ts'

/**
 * `fetch` that asks once for another token when the one it sent was refused with 401, and repeats the
 * request with it. The same token again, or none: the 401 stays the answer. A token once refused is not sent
 * again where a newer one was given for it.
 *
 * @param authorize gives the `Authorization` to send instead; undefined where the refused one is not its own
 */
export function renewing(
  fetch: Fetch,
  authorize: (url: string, refused: string) => Promise<string | undefined>,
): Fetch {
  /** What was refused and where: the same text may be sent to an origin that no other token was given for. */
  let refused = ''
  let instead = ''
  return async (url, init = {}) => {
    const headers = new Headers(init.headers)
    const given = headers.get('authorization')
    if (given === null) return await fetch(url, init)
    const { origin } = new URL(url)
    const sent = `${origin} ${given}` === refused ? instead : given
    headers.set('authorization', sent)
    const response = await fetch(url, { ...init, headers })
    // Signed storage that a hub redirected to never saw the token.
    const elsewhere = response.redirected && new URL(response.url).origin !== origin
    if (response.status !== 401 || elsewhere) return response
    const renewed = await authorize(url, sent)
    if (renewed === undefined || renewed === sent) return response
    await response.body?.cancel()
    refused = `${origin} ${given}`
    instead = renewed
    headers.set('authorization', renewed)
    return await fetch(url, { ...init, headers })
  }
}
