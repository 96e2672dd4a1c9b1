/**
 * From the results of all rounds to a table and a verdict.
 *
 * Ratios are taken within each round, whose runs lie close together, and then the median of them:
 * a machine that is slow for a while is slow for both sides.
 *
 * Callers: inbound.bench.mjs, policy.bench.mjs. A round is `{ row: { server: { measure: number } } }`;
 * tables and budgets are those of the bench's workloads.mjs.
 */

/** Median, least and most of the numbers; undefined without any. */
export function spread(numbers) {
  const sorted = numbers.filter(Number.isFinite).sort((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Every measure of every row and server over the rounds. */
export function summary(rounds) {
  const rows = {};
  for (const round of rounds)
    for (const [row, servers] of Object.entries(round))
      for (const [server, measures] of Object.entries(servers))
        for (const [measure, value] of Object.entries(measures))
          (((rows[row] ??= {})[server] ??= {})[measure] ??= []).push(value);
  for (const servers of Object.values(rows))
    for (const measures of Object.values(servers))
      for (const [measure, values] of Object.entries(measures)) measures[measure] = spread(values);
  return rows;
}

/** The budgets for which something was measured. */
export function verdicts(rounds, budgets) {
  return budgets.flatMap(({ name, of, unit, atMost, atLeast }) => {
    const measured = spread(rounds.map(of));
    if (measured === undefined) return [];
    const kept = measured.median <= (atMost ?? Infinity) && measured.median >= (atLeast ?? 0);
    return [{ name, measured, unit, atMost, atLeast, kept }];
  });
}

function digits(number) {
  return number.toFixed(number < 1 ? 3 : number < 100 ? 2 : 0);
}

function cell({ median, min, max }) {
  return `${digits(median)} (${digits(min)}-${digits(max)})`;
}

/** Cells in columns of equal width; the first row is the heading. */
function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((text, i) => text.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function printTable(rows, measures) {
  const lines = Object.entries(rows).flatMap(([row, servers]) =>
    Object.entries(servers)
      .filter(([, found]) => Object.keys(measures)[0] in found)
      .map(([server, found]) => [row, server, ...Object.keys(measures).map((name) => cell(found[name]))]),
  );
  const heading = ['workload', 'server', ...Object.values(measures)];
  if (lines.length > 0) process.stdout.write(`${table([heading, ...lines])}\n\n`);
}

/** Every number as its median, least and most. */
export function printReport(rounds, { tables, budgets }) {
  const rows = summary(rounds);
  for (const measures of tables) printTable(rows, measures);
  const judged = verdicts(rounds, budgets).map(({ name, measured, unit, atMost, atLeast, kept }) => [
    name,
    `${cell(measured)}${unit}`,
    atMost === undefined ? `at least ${digits(atLeast)}${unit}` : `at most ${digits(atMost)}${unit}`,
    kept ? 'kept' : 'MISSED',
  ]);
  process.stdout.write(`${table([['budget', 'measured', 'allowed', ''], ...judged])}\n`);
}
