import { FerryError } from '../core/FerryError.ts'
import { isSingleLabel } from './isSingleLabel.ts'
import { parseHost } from './parseHost.ts'
import { trimEnds } from './trimEnds.ts'

/**
 * Reads the front ends that are recognised. Blanks, empty items and repeats mean nothing; nothing else is
 * forgiven, because an entry that matches too much recognises everybody.
 *
 * @param text hosts, or `*.` and a host, with commas between; or one list item each
 * @param isPublicSuffix whether a host is one under which anybody can have a name, private section of the list
 *   included. Default: single labels other than `localhost`
 * @returns lower case, in order, each once
 * @throws FerryError `configuration`, with every wrong entry as it was written
 * @example parseHostList(' App.example, *.apps.example,') // ['app.example', '*.apps.example']
 */
export function parseHostList(
  text: string | readonly string[],
  isPublicSuffix: (host: string) => boolean = isSingleLabel,
): string[] {
  const items = typeof text === 'string' ? text.split(',') : text
  const hosts = new Set<string>()
  const wrong: string[] = []
  for (const item of items) {
    const entry = trimEnds(item, ' \t\r\n')
    if (entry === '' || entry === '.') continue
    const wildcard = entry.startsWith('*.')
    const host = parseHost(wildcard ? entry.slice(2) : entry)
    if (host === null) wrong.push(`"${entry}" is neither a host name nor "*." and a host name`)
    else if (isPublicSuffix(host)) wrong.push(`"${entry}" covers a public suffix`)
    else hosts.add(wildcard ? `*.${host}` : host)
  }
  if (wrong.length === 0) return [...hosts]
  throw new FerryError(
    'configuration',
    `In the list of hosts, ${wrong.join('; ')}. Name hosts without scheme, port and path, as "app.example" or "*.app.example".`,
  )
}
