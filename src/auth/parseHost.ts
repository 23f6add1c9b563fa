const labels = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/i

/**
 * A host name as it is compared: lower case, without one trailing dot. Plain ASCII text: nothing is mapped or
 * decoded, so that two spellings are never one host here and two elsewhere.
 *
 * @returns null for anything else, such as user information, brackets, an empty label, more than 253 characters
 * @example parseHost('APP.example.') // 'app.example'
 */
export function parseHost(text: string): string | null {
  const host = text.endsWith('.') ? text.slice(0, -1) : text
  return host.length <= 253 && labels.test(host) ? host.toLowerCase() : null
}
