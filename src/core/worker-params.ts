import type { FilePatterns } from './hub-url.ts'

/** What the service worker has to know before its first request, from its own script URL. */
export interface SwParameters extends FilePatterns {
  /** Files of the app itself, as same-origin paths or URLs in which `*` stands for anything; the loader is one. */
  readonly shell: readonly string[]
  /** The loader worker's file, absolute: the service worker has its engine from there. Absent: from nowhere. */
  readonly worker?: string | undefined
  /** Whether runtimes from known CDNs are kept, by version. Default: true. */
  readonly runtimes?: boolean
  /** Address of the page that stands for every visit which the network cannot answer. */
  readonly navigateFallback?: string | false | undefined
}

/** The parameters as a query: the order is fixed, so that equal parameters never look like a new worker. */
export function encodeSwParameters(parameters: SwParameters): string {
  const { hubs, files, shell, worker, runtimes, navigateFallback } = parameters
  const query = new URLSearchParams()
  for (const hub of hubs) query.append('hubs', hub)
  for (const file of files) query.append('files', file)
  if (worker !== undefined) query.append('worker', worker)
  for (const path of shell) if (path !== worker) query.append('shell', path)
  if (runtimes === false) query.append('runtimes', 'false')
  if (navigateFallback) query.append('page', navigateFallback)
  return query.toString()
}

/** Reads what {@link encodeSwParameters} wrote; what is missing is empty. The origin is the script's own. */
export function decodeSwParameters(scriptUrl: string): SwParameters {
  const { origin, searchParams: query } = new URL(scriptUrl)
  const worker = query.get('worker') ?? undefined
  const page = query.get('page')
  return {
    hubs: query.getAll('hubs'),
    files: query.getAll('files'),
    origin,
    shell: [...(worker === undefined ? [] : [worker]), ...query.getAll('shell')],
    ...(worker !== undefined && { worker }),
    runtimes: query.get('runtimes') !== 'false',
    ...(page !== null && { navigateFallback: page }),
  }
}

/** How a version stands to another one, as part of a sentence. Pre-releases are left to whoever reads both. */
export function versionOrder(version: string, other: string): string {
  const order = version.localeCompare(other, 'en', { numeric: true })
  return order < 0 ? 'older than' : order > 0 ? 'newer than' : 'of another build than'
}
