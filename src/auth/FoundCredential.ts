import type { CredentialSource } from './CredentialSource.ts'

/** What the sources of a request amount to. */
export type FoundCredential =
  | { readonly state: 'none' }
  | { readonly state: 'malformed'; readonly source: CredentialSource }
  | { readonly state: 'several' }
  | { readonly state: 'one'; readonly source: CredentialSource; readonly token: string }
