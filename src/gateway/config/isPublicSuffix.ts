import { parse } from 'tldts'

/**
 * Whether anybody can have a name below a host: it is on the list of public suffixes, of registries or of providers
 * such as `github.io`.
 *
 * @param host lower-case
 */
export function isPublicSuffix(host: string): boolean {
  const { publicSuffix, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true })
  return publicSuffix === host && (isIcann === true || isPrivate === true)
}
