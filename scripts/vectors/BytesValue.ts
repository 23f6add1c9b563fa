/** Bytes in a vector file: base64, or a short form for long inputs. */
export type BytesValue =
  | string
  | { readonly hex: string }
  | { readonly utf8: string }
  | { readonly zeros: number }
  | { readonly splitmix64: { readonly seed: number; readonly length: number } }
  | { readonly concat: readonly BytesValue[] }
