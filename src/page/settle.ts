import { FerryError } from '../core/FerryError.ts'
import { defaultRetry } from '../net/defaultRetry.ts'
import type { ConnectOptions } from './ConnectOptions.ts'
import type { Settings } from './Settings.ts'

/**
 * Fills in defaults and refuses what cannot work, before anything is started.
 *
 * @param page address of the page
 * @throws FerryError `configuration` naming the option
 */
export function settle(options: ConnectOptions, page: string): Settings {
  const { serviceWorker = '/modelferry-sw.js', auth, frontend, timeoutMs = 10_000 } = options
  const script =
    serviceWorker === false ? undefined : sameOrigin('serviceWorker', serviceWorker, page)
  const base = script ?? new URL('/', page).href
  if (auth && typeof auth.token !== 'function')
    throw wrong('auth.token', 'a function that gives the token', typeof auth.token)
  if (!(timeoutMs > 0)) throw wrong('timeoutMs', 'a number above 0', String(timeoutMs))
  const worker = sameOrigin(
    'worker',
    options.worker ?? new URL('modelferry-worker.js', base).href,
    page,
  )
  return {
    serviceWorker: script,
    scope: new URL(options.scope ?? './', base).href,
    worker,
    parameters: {
      hubs: (options.hubs ?? ['https://huggingface.co']).map((hub) => address('hubs', hub, page)),
      files: [...(options.files ?? [])],
      // Without its loader a page could not connect offline.
      shell: [worker, ...(options.shell ?? []).map((path) => pattern(path, page))],
    },
    retry: { ...defaultRetry, ...options.retry },
    auth: auth && { ...auth, origins: auth.origins.map((one) => origin('auth.origins', one)) },
    frontend: frontend && {
      ...frontend,
      origins: frontend.origins.map((one) => origin('frontend.origins', one)),
    },
    timeoutMs,
  }
}

function wrong(option: string, wanted: string, seen: string): FerryError {
  return new FerryError(
    'configuration',
    `connect(): ${option} has to be ${wanted}; it is "${seen}".`,
  )
}

function address(option: string, value: string, page: string): string {
  try {
    return new URL(value, page).href.replace(/\/+$/, '')
  } catch {
    throw wrong(option, 'an http(s) address', value)
  }
}

function sameOrigin(option: string, value: string, page: string): string {
  const url = address(option, value, page)
  if (new URL(url).origin === new URL(page).origin) return url
  throw wrong(option, 'a file on the origin of the page: copy it there', value)
}

function origin(option: string, value: string): string {
  const url = address(option, value, 'invalid:')
  if (new URL(url).origin === url) return url
  throw wrong(option, 'an origin such as https://huggingface.co, without a path', value)
}

/** A path pattern as an absolute one; `new URL` would escape nothing in it but resolve dots. */
function pattern(path: string, page: string): string {
  return /^https?:/.test(path)
    ? path
    : new URL(page).origin + (path.startsWith('/') ? path : `/${path}`)
}
