/**
 * Text without the given characters at its ends. `String.trim` cuts more than a protocol calls blank.
 *
 * @param blanks every character that is cut
 * @example trimEnds('\tx ', ' \t') // 'x'
 */
export function trimEnds(text: string, blanks: string): string {
  let start = 0
  let end = text.length
  while (start < end && blanks.includes(text[start]!)) start++
  while (end > start && blanks.includes(text[end - 1]!)) end--
  return start === 0 && end === text.length ? text : text.slice(start, end)
}
