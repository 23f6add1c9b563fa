/**
 * Lines up columns: the first to the left, the others to the right.
 *
 * @param rows of equal length, the first is the heading
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < 2 ? cell.padEnd(widths![column]!) : cell.padStart(widths![column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
