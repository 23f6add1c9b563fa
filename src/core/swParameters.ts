import type { FilePatterns } from './FilePatterns.ts'

/** What the service worker has to know before its first request, from its own script URL. */
export interface SwParameters extends FilePatterns {
  /** Files of the app itself, as same-origin paths or URLs in which `*` stands for anything. */
  readonly shell: readonly string[]
  /** Whether runtimes from known CDNs are kept, by version. Default: true. */
  readonly runtimes?: boolean
}

/** The parameters as a query: the order is fixed, so that equal parameters never look like a new worker. */
export function encodeSwParameters({ hubs, files, shell, runtimes }: SwParameters): string {
  const query = new URLSearchParams()
  for (const hub of hubs) query.append('hubs', hub)
  for (const file of files) query.append('files', file)
  for (const path of shell) query.append('shell', path)
  if (runtimes === false) query.append('runtimes', 'false')
  return query.toString()
}

/** Reads what {@link encodeSwParameters} wrote; what is missing is empty. The origin is the script's own. */
export function decodeSwParameters(scriptUrl: string): SwParameters {
  const { origin, searchParams: query } = new URL(scriptUrl)
  return {
    hubs: query.getAll('hubs'),
    files: query.getAll('files'),
    origin,
    shell: query.getAll('shell'),
    runtimes: query.get('runtimes') !== 'false',
  }
}
