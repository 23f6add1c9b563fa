import type { CredentialSource } from './CredentialSource.ts'
import type { Standing } from './Standing.ts'

/** The one credential of a request, with what it is worth. */
export interface JudgedCredential {
  readonly state: 'judged'
  readonly source: CredentialSource
  readonly token: string
  /** SHA-256 of the token, 64 lower-case hex digits. */
  readonly digest: string
  readonly standing: Standing
}
