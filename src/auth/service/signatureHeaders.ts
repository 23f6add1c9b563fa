/** Names of the headers that sign a request between services. */
export const signatureHeaders: {
  readonly key: string
  readonly timestamp: string
  readonly nonce: string
  readonly digest: string
  readonly decision: string
  readonly signature: string
} = {
  key: 'x-modelferry-key',
  timestamp: 'x-modelferry-timestamp',
  nonce: 'x-modelferry-nonce',
  digest: 'x-modelferry-content-sha256',
  decision: 'x-modelferry-decision',
  signature: 'x-modelferry-signature',
}
