import type { Decision } from '../../../src/auth/decision.ts'
import type { AuthVectorConfig } from './AuthVectorConfig.ts'
import type { AuthVectorRequest } from './AuthVectorRequest.ts'

/** A request and its expected decision. */
export interface AuthVectorCase {
  readonly id: string
  readonly request: AuthVectorRequest
  /** Overrides single members of the file's `config`. */
  readonly options?: Partial<AuthVectorConfig> | undefined
  /** Some members of the decision. */
  readonly expect: Readonly<Partial<Record<keyof Decision, unknown>>>
}
