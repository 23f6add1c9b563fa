import type { Query } from './Query.ts'

const nothing: Query = { tokens: [], label: null }

/**
 * Reads the parameters that mean something here, after form decoding.
 *
 * @param url any text; what stands before the first `?`, and a fragment, is not looked at
 */
export function readQuery(url: string): Query {
  const start = url.indexOf('?')
  if (start < 0) return nothing
  const hash = url.indexOf('#')
  if (hash >= 0 && hash < start) return nothing
  const query = url.slice(start + 1, hash < 0 ? undefined : hash)
  // Most queries hold neither name, plain or percent-encoded, and need no parsing.
  if (!query.includes('token') && !query.includes('refer') && !query.includes('%')) return nothing
  // URLSearchParams would drop a question mark at the front, which belongs to the first name.
  const parameters = new URLSearchParams(`&${query}`)
  const filled = (name: string): string[] => parameters.getAll(name).filter((value) => value !== '')
  return { tokens: filled('token'), label: filled('referrer')[0] ?? filled('referer')[0] ?? null }
}
