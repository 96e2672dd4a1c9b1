/**
 * Rows of text in aligned columns.
 *
 * Callers: cli/commands. The last column is not padded; a cell never holds a line end, because
 * control characters become spaces.
 */

/** Aligns the columns; two spaces between them. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => cell.replace(/\p{Cc}/gu, ' ')));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
      .join('  ');
  return cells.map(line).join('\n');
}
