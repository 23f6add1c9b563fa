import type { FilePatterns } from './FilePatterns.ts'

/** What the service worker has to know before its first request, from its own script URL. */
export interface SwParameters extends FilePatterns {
  /** Files of the app itself, as same-origin paths or URLs in which `*` stands for anything. */
  readonly shell: readonly string[]
}

/** The parameters as a query: the order is fixed, so that equal parameters never look like a new worker. */
export function encodeSwParameters({ hubs, files, shell }: SwParameters): string {
  const query = new URLSearchParams()
  for (const hub of hubs) query.append('hubs', hub)
  for (const file of files) query.append('files', file)
  for (const path of shell) query.append('shell', path)
  return query.toString()
}

/** Reads what {@link encodeSwParameters} wrote; what is missing is empty. */
export function decodeSwParameters(scriptUrl: string): SwParameters {
  const query = new URL(scriptUrl).searchParams
  return { hubs: query.getAll('hubs'), files: query.getAll('files'), shell: query.getAll('shell') }
}
