import type { RetryPolicy } from '../net/RetryPolicy.ts'
import type { SwParameters } from '../core/swParameters.ts'
import type { ConnectOptions } from './ConnectOptions.ts'

/** Connect options with every default filled in and every address absolute. */
export interface Settings {
  /** Script URL without parameters; undefined: no service worker. */
  readonly serviceWorker: string | undefined
  /** Of the app's own service worker: nothing is registered then. */
  readonly registration?: ServiceWorkerRegistration
  readonly scope: string
  readonly worker: string
  readonly parameters: SwParameters
  readonly retry: RetryPolicy
  readonly auth: ConnectOptions['auth']
  readonly frontend: ConnectOptions['frontend']
  readonly timeoutMs: number
}
