import type { RetryPolicy } from '../net/RetryPolicy.ts'
import type { FilePatterns } from '../core/FilePatterns.ts'

/** What the page hands to its loader worker; the token stays a function of the page. */
export interface LoaderConfig {
  /** The app's scope: tells it from other apps of the origin. */
  readonly scope: string
  /** By which id the service worker knows the page; absent: it does not, or there is none. */
  readonly client?: string
  readonly patterns: FilePatterns
  readonly retry: RetryPolicy
  /** Origins that the page's token was given for; empty: none. */
  readonly tokenOrigins: readonly string[]
  readonly frontend?: { readonly app: string; readonly origins: readonly string[] }
  /** An address that the service worker answers, to keep it alive; absent: there is none. */
  readonly ping?: string
}
