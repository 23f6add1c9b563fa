/** Where a credential was found, in the order in which the places are read. */
export type CredentialSource =
  | 'header:authorization'
  | 'header:x-pollinations-token'
  | 'query:token'
  | 'body:token'
