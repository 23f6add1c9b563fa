/**
 * Replaces `{value}` in every text.
 *
 * @param template as read from JSON
 * @returns a copy
 */
export function fillTexts(template: unknown, value: string): unknown {
  if (typeof template === 'string') return template.replaceAll('{value}', () => value)
  if (Array.isArray(template)) return template.map((item) => fillTexts(item, value))
  if (typeof template !== 'object' || template === null) return template
  const entries = Object.entries(template)
  return Object.fromEntries(entries.map(([key, member]) => [key, fillTexts(member, value)]))
}
