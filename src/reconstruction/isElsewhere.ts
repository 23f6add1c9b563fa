/**
 * Whether a redirect led to another origin.
 *
 * @param asked the address asked
 */
export function isElsewhere({ redirected, url }: Response, asked: string): boolean {
  return redirected && new URL(url).origin !== new URL(asked).origin
}
