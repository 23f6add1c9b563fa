/** Bytes as a vector file writes them: base64, or one of the forms that keep long inputs short. */
export type BytesValue =
  | string
  | { readonly hex: string }
  | { readonly utf8: string }
  | { readonly zeros: number }
  | { readonly splitmix64: { readonly seed: number; readonly length: number } }
  | { readonly concat: readonly BytesValue[] }
