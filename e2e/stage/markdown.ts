/**
 * A table in Markdown, with aligned columns.
 *
 * @param rows of equal length, the heads first
 * @param right indexes of columns that are aligned to the right
 */
export function markdownTable(
  [heads = [], ...rows]: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const rule = heads.map((_, at) => (right.includes(at) ? '---:' : '---'))
  const lines = [heads, rule, ...rows]
  const widths = heads.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)))
  const aligned = (text: string, at: number): string =>
    right.includes(at) ? text.padStart(widths[at]!) : text.padEnd(widths[at]!)
  return lines.map((line) => `| ${line.map(aligned).join(' | ')} |`).join('\n')
}
