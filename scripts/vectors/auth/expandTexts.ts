/**
 * Expands texts from their short form `{ "parts": [[text, count], ...] }`: each text is repeated, and all are
 * concatenated.
 *
 * @param value as read from JSON
 * @returns a copy; values of any other form are unchanged
 * @example expandTexts({ body: { parts: [['ab', 2], ['c', 1]] } }) // { body: 'ababc' }
 */
export function expandTexts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(expandTexts)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
  const [[name, parts] = []] = entries
  if (entries.length === 1 && name === 'parts' && isParts(parts))
    return parts.map(([text, count]) => text.repeat(count)).join('')
  return Object.fromEntries(entries.map(([key, member]) => [key, expandTexts(member)]))
}

function isParts(value: unknown): value is [text: string, count: number][] {
  return Array.isArray(value) && value.every(isPart)
}

function isPart(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false
  const [text, count]: unknown[] = value
  return typeof text === 'string' && Number.isSafeInteger(count) && Number(count) >= 0
}
