// What a page tells its service worker by the script's URL, and how two builds are compared.

import type { FilePatterns } from '../address/index.ts'

/** The parameters that the service worker needs before its first request, encoded in its script URL. */
export interface SwParameters extends FilePatterns {
  /** Files of the app itself, as same-origin paths or URLs in which `*` matches anything; the loader is one. */
  readonly shell: readonly string[]
  /** The loader worker's file, absolute: the service worker imports its engine from it. Absent: no engine. */
  readonly worker?: string | undefined
  /** Whether runtimes from known CDNs are stored, by version. Default: true. */
  readonly runtimes?: boolean
  /** URL of the page that answers navigations when the network cannot. */
  readonly navigateFallback?: string | false | undefined
  /** `false`: the engine of the service worker fetches every file from its own URL. */
  readonly xet?: boolean | undefined
  /** Other addresses for the hosts that this engine asks, by URL prefix. */
  readonly endpoints?: Readonly<Record<string, string>> | undefined
}

/** The parameters as a query. The order is fixed, so that equal parameters never look like a new worker. */
export function encodeSwParameters(parameters: SwParameters): string {
  const { hubs, files, shell, worker, runtimes, navigateFallback, xet, endpoints } = parameters
  const query = new URLSearchParams()
  for (const hub of hubs) query.append('hubs', hub)
  for (const file of files) query.append('files', file)
  if (worker !== undefined) query.append('worker', worker)
  for (const path of shell) if (path !== worker) query.append('shell', path)
  if (runtimes === false) query.append('runtimes', 'false')
  if (navigateFallback) query.append('page', navigateFallback)
  if (xet === false) query.append('xet', 'false')
  for (const pair of Object.entries(endpoints ?? {})) query.append('endpoints', pair.join(' '))
  return query.toString()
}

/** Reads what {@link encodeSwParameters} wrote; a missing value is empty. The origin is the script's own. */
export function decodeSwParameters(scriptUrl: string): SwParameters {
  const { origin, searchParams: query } = new URL(scriptUrl)
  const worker = query.get('worker') ?? undefined
  const page = query.get('page')
  const endpoints = query.getAll('endpoints').map((pair) => pair.split(' '))
  return {
    hubs: query.getAll('hubs'),
    files: query.getAll('files'),
    origin,
    shell: [...(worker === undefined ? [] : [worker]), ...query.getAll('shell')],
    ...(worker !== undefined && { worker }),
    runtimes: query.get('runtimes') !== 'false',
    ...(page !== null && { navigateFallback: page }),
    ...(query.has('xet') && { xet: false }),
    ...(endpoints.length > 0 && {
      endpoints: Object.fromEntries(endpoints.map(([from = '', to = '']) => [from, to])),
    }),
  }
}

/** Compares two versions, as part of a sentence. Pre-releases count as "of another build". */
export function versionOrder(version: string, other: string): string {
  const order = version.localeCompare(other, 'en', { numeric: true })
  return order < 0 ? 'older than' : order > 0 ? 'newer than' : 'of another build than'
}
