import { FerryError } from '../core/FerryError.ts'
import { defaultRetry } from '../net/defaultRetry.ts'
import type { RetryPolicy } from '../net/RetryPolicy.ts'
import type { ConnectOptions } from './ConnectOptions.ts'
import type { Settings } from './Settings.ts'

/**
 * Fills in defaults and refuses what cannot work, before anything is started.
 *
 * @param page address of the page
 * @throws FerryError `configuration` naming the option
 */
export function settle(options: ConnectOptions, page: string): Settings {
  const { serviceWorker: given = '/modelferry-sw.js', auth, frontend, timeoutMs = 10_000 } = options
  const { runtimes = true } = options
  const registration = typeof given === 'object' ? given : undefined
  const serviceWorker = registration ? scriptOf(registration) : (given as string | false)
  const script =
    serviceWorker === false ? undefined : sameOrigin('serviceWorker', serviceWorker, page)
  const base = script ?? new URL('/', page).href
  if (auth && typeof auth.token !== 'function')
    throw wrong('auth.token', 'a function that gives the token', typeof auth.token)
  if (!['function', 'undefined'].includes(typeof auth?.partition))
    throw wrong('auth.partition', 'a function that says who is signed in', typeof auth?.partition)
  if (frontend && typeof frontend.app !== 'string')
    throw wrong('frontend.app', 'a text that names this app', typeof frontend.app)
  if (typeof runtimes !== 'boolean') throw wrong('runtimes', 'true or false', String(runtimes))
  if (!(timeoutMs > 0)) throw wrong('timeoutMs', 'a number above 0', String(timeoutMs))
  const worker = sameOrigin(
    'worker',
    options.worker ?? new URL('modelferry-worker.js', base).href,
    page,
  )
  const scope =
    registration?.scope ??
    sameOrigin('scope', options.scope ?? new URL('./', base).href, page, base)
  // Neither its signs of life nor, offline, the request for its file would reach the service worker.
  if (script !== undefined && !worker.startsWith(scope))
    throw wrong('worker', `within the scope ${scope}: copy files there`, worker)
  const hubs = texts('hubs', options.hubs ?? ['https://huggingface.co'])
  const shell = texts('shell', options.shell ?? [])
  const { navigateFallback } = options
  return {
    serviceWorker: script,
    ...(registration && { registration }),
    scope,
    worker,
    parameters: {
      hubs: hubs.map((hub) => address('hubs', hub, page).replace(/\/+$/, '')),
      files: texts('files', options.files ?? []).map((path) => pattern(path, page)),
      // Without its loader a page could not connect offline.
      shell: [worker, ...shell.map((path) => pattern(path, page))],
      worker,
      runtimes,
      navigateFallback: navigateFallback && sameOrigin('navigateFallback', navigateFallback, page),
    },
    retry: settleRetry(options.retry ?? {}),
    auth: auth && { ...auth, origins: origins('auth.origins', auth.origins) },
    frontend: frontend && { ...frontend, origins: origins('frontend.origins', frontend.origins) },
    timeoutMs,
  }
}

function scriptOf({ installing, waiting, active }: ServiceWorkerRegistration): string {
  return (active ?? waiting ?? installing)?.scriptURL ?? ''
}

function settleRetry(given: Partial<RetryPolicy>): RetryPolicy {
  const policy = { ...defaultRetry }
  for (const name of Object.keys(policy) as (keyof RetryPolicy)[]) {
    const value = given[name] ?? policy[name]
    const least = ['renewals', 'delayMs'].includes(name) ? 0 : 1
    if (!(value >= least)) throw wrong(`retry.${name}`, `a number from ${least}`, String(value))
    policy[name] = value
  }
  return policy
}

function wrong(option: string, wanted: string, seen: string): FerryError {
  return new FerryError(
    'configuration',
    `connect(): ${option} has to be ${wanted}; it is "${seen}".`,
  )
}

function texts(option: string, values: unknown): string[] {
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values
  throw wrong(option, 'a list of texts', String(values))
}

function origins(option: string, values: unknown): string[] {
  return texts(option, values).map((value) => {
    const url = address(option, value, 'invalid:')
    if (new URL(url).origin === url.replace(/\/$/, '')) return new URL(url).origin
    throw wrong(option, 'an origin such as https://huggingface.co, without a path', value)
  })
}

function address(option: string, value: string, base: string): string {
  const url = URL.canParse(value, base) ? new URL(value, base) : undefined
  if (url && /^https?:$/.test(url.protocol)) return url.href
  throw wrong(option, 'an http(s) address', value)
}

function sameOrigin(option: string, value: string, page: string, base: string = page): string {
  const url = address(option, value, base)
  if (new URL(url).origin === new URL(page).origin) return url
  throw wrong(option, 'on the origin of the page: copy files there', value)
}

/** A pattern as an absolute one. Whole addresses stay as they are: what is special in them is the user's. */
function pattern(path: string, page: string): string {
  return /^https?:/.test(path) ? path : new URL(path, page).href
}
