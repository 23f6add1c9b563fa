import { parse } from 'tldts'

/** Whether a host is itself on the public suffix list, private section included. */
export function isListedSuffix(host: string): boolean {
  const options = { allowPrivateDomains: true, extractHostname: false }
  const { publicSuffix, isIcann, isPrivate } = parse(host, options)
  return publicSuffix === host && (isIcann === true || isPrivate === true)
}
