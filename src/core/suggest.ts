/**
 * "Did you mean": the known name nearest to a mistyped one.
 *
 * Distance counts inserted, dropped, changed and swapped letters, without regard to case. A name
 * is only offered when it is near enough to be a slip of the hand; a wrong guess is worse than
 * none. Names longer than 64 characters are not compared, so the cost stays bounded.
 *
 * Callers: app (settings), hooks (variables, events), cli. Nothing here throws.
 */

const LONGEST = 64;

/** Rows of the table of distances: two letters back, one letter back. */
interface Rows {
  readonly beforeLast: readonly number[];
  readonly last: readonly number[];
}

/** The row of letter `i` of `left` against every prefix of `right`. */
function nextRow(left: string, i: number, right: string, { beforeLast, last }: Rows): number[] {
  const row = [i];
  for (let j = 1; j <= right.length; j += 1) {
    const change = left[i - 1] === right[j - 1] ? 0 : 1;
    let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change);
    const swapped = j > 1 && i > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
    if (swapped) best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
    row.push(best);
  }
  return row;
}

function distance(left: string, right: string): number {
  let rows: Rows = { beforeLast: [], last: Array.from({ length: right.length + 1 }, (_, i) => i) };
  for (let i = 1; i <= left.length; i += 1) {
    rows = { beforeLast: rows.last, last: nextRow(left, i, right, rows) };
  }
  return rows.last[right.length] ?? 0;
}

/** The nearest of `known`, or `undefined` when none is near. The first wins among equals. */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  if (name.length === 0 || name.length > LONGEST) return undefined;
  const wanted = name.toLowerCase();
  const limit = Math.max(1, Math.floor(name.length / 3));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of known) {
    if (candidate.length > LONGEST) continue;
    const found = distance(wanted, candidate.toLowerCase());
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** `; did you mean "x"?`, or nothing; the form that the error table's `{suggestion}` takes. */
export function suggestion(name: string, known: Iterable<string>): string {
  const best = nearest(name, known);
  return best === undefined ? '' : `; did you mean "${best}"?`;
}
