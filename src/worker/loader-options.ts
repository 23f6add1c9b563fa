// Options of connect() that only the loader reads, checked and filled in. The page hands them on as they are, because its
// script is small.
import { FerryError } from '../core/index.ts'
import { defaultRetry, type RetryPolicy } from '../net/index.ts'
import type { LoaderConfig, LoaderOptions } from '../protocol/index.ts'

/**
 * The origins that a token or a label may be sent to, in one spelling.
 *
 * @throws FerryError `configuration` naming the option
 */
export function resolveOrigins({
  tokenOrigins,
  frontend,
}: Pick<LoaderConfig, 'tokenOrigins' | 'frontend'>): Pick<
  LoaderConfig,
  'tokenOrigins' | 'frontend'
> {
  const token = origins('auth.origins', tokenOrigins)
  if (!frontend) return { tokenOrigins: token }
  if (typeof frontend.app !== 'string')
    throw wrong('frontend.app', 'a text that names this app', frontend.app)
  const shown = origins('frontend.origins', frontend.origins)
  return { tokenOrigins: token, frontend: { app: frontend.app, origins: shown } }
}

function origins(option: string, values: unknown): string[] {
  if (!Array.isArray(values)) throw wrong(option, 'a list of origins', values)
  return values.map((value: unknown) => {
    const url = typeof value === 'string' && URL.canParse(value) ? new URL(value) : undefined
    if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
    throw wrong(option, 'an origin such as https://huggingface.co, without a path', value)
  })
}

/** The options with every default filled in. */
export interface LoaderSettings {
  readonly retry: RetryPolicy
  readonly xet: boolean
  /** URL prefixes and their replacements, without a trailing slash. */
  readonly endpoints: Readonly<Record<string, string>>
  readonly debug: boolean
}

/**
 * Fills in defaults and refuses what cannot work.
 *
 * @throws FerryError `configuration` naming the option
 */
export function resolveLoaderOptions(options: LoaderOptions): LoaderSettings {
  const { retry = {}, xet = true, endpoints = {}, debug = false } = options
  if (typeof xet !== 'boolean') throw wrong('xet', 'true or false', xet)
  if (typeof debug !== 'boolean') throw wrong('debug', 'true or false', debug)
  return { retry: resolveRetry(retry), xet, endpoints: resolveEndpoints(endpoints), debug }
}

function resolveRetry(given: Partial<RetryPolicy>): RetryPolicy {
  const policy = { ...defaultRetry }
  const names = Object.keys(policy) as (keyof RetryPolicy)[]
  const unknown = Object.keys(given).find((name) => !(names as string[]).includes(name))
  if (unknown !== undefined)
    throw new FerryError(
      'configuration',
      `connect() has no option "retry.${unknown}". Known: ${names.join(', ')}.`,
    )
  for (const name of names) {
    const value = given[name] ?? policy[name]
    const least = ['renewals', 'delayMs'].includes(name) ? 0 : 1
    if (!(value >= least)) throw wrong(`retry.${name}`, `a number from ${least}`, value)
    policy[name] = value
  }
  return policy
}

function resolveEndpoints(given: Readonly<Record<string, string>>): LoaderSettings['endpoints'] {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw wrong('endpoints', 'an object of addresses by address', given)
  return Object.fromEntries(Object.entries(given).map(([from, to]) => [base(from), base(to)]))
}

function base(address: unknown): string {
  const url = typeof address === 'string' && URL.canParse(address) ? new URL(address) : undefined
  const plain = url && `${url.username}${url.password}${url.search}${url.hash}` === ''
  if (url && plain && /^https?:$/.test(url.protocol)) return url.href.replace(/\/+$/, '')
  throw wrong(
    'endpoints',
    'http(s) addresses without a query, such as "https://proxy.example"',
    address,
  )
}

function wrong(option: string, wanted: string, seen: unknown): FerryError {
  return new FerryError(
    'configuration',
    `connect(): ${option} has to be ${wanted}, not "${String(seen)}".`,
  )
}
