/** What a service proves itself with to another one. Each service has its own; none has a default. */
export interface ServiceCredential {
  /** Public name of the key: 1 to 64 letters, digits, `.`, `_` and `-`. */
  readonly keyId: string
  /** At least 32 bytes as UTF-8; made by a random generator. */
  readonly secret: string
  /** Whose key it is. Two key ids of one service may be active, so that it can be rotated. Default: one service. */
  readonly service?: string
}
