/** Where a gateway's configuration is read from. */
export interface GatewayFiles {
  /** Path of `gateway.json`. */
  readonly config: string
  /** Path of a file that several machines share; what the other says goes before it. */
  readonly sharedConfig?: string
  /** Which of the files' `environments` holds. */
  readonly environment?: string
}
