import type { CredentialSource } from './CredentialSource.ts'

/** Something that was sent where a credential belongs. */
export interface CredentialCandidate {
  readonly source: CredentialSource
  /** As it was sent, never empty. */
  readonly value: string
  /** Whether {@link value} is a credential by its form. */
  readonly wellFormed: boolean
}
