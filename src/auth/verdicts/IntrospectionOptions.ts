import type { Clock } from '../../core/Clock.ts'
import type { FerryError } from '../../core/FerryError.ts'
import type { Fetch } from '../../net/Fetch.ts'
import type { ServiceCredential } from '../service/ServiceCredential.ts'
import type { SignOptions } from '../service/SignOptions.ts'

/** How the central validation is asked. */
export interface IntrospectionOptions {
  /** Absolute address of the endpoint, `https://auth.example/v1/introspect`. */
  readonly url: string
  /** What this service proves itself with. */
  readonly credential: ServiceCredential
  readonly fetch?: Fetch
  readonly clock?: Clock
  readonly nonce?: SignOptions['nonce']
  /** For one question with its second try, milliseconds. Default: 2000. */
  readonly timeoutMs?: number
  /** Failures in a row after which nothing is asked for a while. Default: 5. */
  readonly failures?: number
  /** That while, milliseconds. Default: 10000. */
  readonly openMs?: number
  /** Largest answer, bytes. Default: 65536. */
  readonly maxBytes?: number
  /** Longest `Retry-After` that is believed, milliseconds. Default: 300000. */
  readonly maxRetryAfterMs?: number
  /** Told why a question was not answered; holds no token. */
  readonly onFailure?: (error: FerryError) => void
}
