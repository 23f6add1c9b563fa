/**
 * Breaks words into lines no wider than the paper. Line breaks in the text stay.
 *
 * @param width the paper's width, in the unit of `measure`
 * @param measure how wide a text is
 */
export function wrapWords(
  words: string,
  width: number,
  measure: (text: string) => number,
): string[] {
  const lines: string[] = []
  for (const paragraph of words.split('\n')) {
    let line = ''
    for (const word of paragraph.split(/\s+/).filter(Boolean)) {
      const longer = line === '' ? word : `${line} ${word}`
      if (line !== '' && measure(longer) > width) {
        lines.push(line)
        line = word
      } else line = longer
    }
    if (line !== '') lines.push(line)
  }
  return lines
}
