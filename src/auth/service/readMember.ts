/**
 * Reads one text out of a small form or JSON object.
 *
 * @param body whole
 * @param contentType with or without parameters
 * @param name of the member
 * @returns null when the body is neither, or does not hold exactly one such text
 */
export function readMember(
  body: Uint8Array,
  contentType: string | null,
  name: string,
): string | null {
  const type = contentType?.split(';', 1)[0]?.trim().toLowerCase()
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    if (type === 'application/x-www-form-urlencoded') {
      const values = new URLSearchParams(text).getAll(name)
      return values.length === 1 ? (values[0] ?? null) : null
    }
    if (type !== 'application/json') return null
    const json: unknown = JSON.parse(text)
    if (typeof json !== 'object' || json === null || !Object.hasOwn(json, name)) return null
    const value = (json as Record<string, unknown>)[name]
    return typeof value === 'string' ? value : null
  } catch {
    return null
  }
}
