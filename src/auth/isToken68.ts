const token68 = /^[A-Za-z0-9\-._~+/]+=*$/

/**
 * Whether a credential has the one form that is taken from every source: token68 of RFC 9110, section 11.2,
 * at most 512 characters.
 */
export function isToken68(text: string): boolean {
  return text.length <= 512 && token68.test(text)
}
