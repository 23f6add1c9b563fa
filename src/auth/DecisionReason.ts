/** Why a decision is what it is; the reason fixes its kind. */
export type DecisionReason =
  | 'DB_TOKEN'
  | 'LEGACY_TOKEN'
  | 'DB_REFERRER'
  | 'ALLOWLIST'
  | 'NONE'
  | 'INVALID_TOKEN'
  | 'MALFORMED_CREDENTIAL'
  | 'MULTIPLE_CREDENTIALS'
  | 'AUTH_UNAVAILABLE'
