/**
 * Counts by the values of labels, kept until somebody reads them.
 *
 * Several facts are told for every command of every client, and the library's own increment checks
 * and joins the labels each time. Here one costs a look-up for each label; the library hears the
 * sums when it is read. Holds one number for each combination of values that ever occurred.
 *
 * Callers: metrics/registry.
 */

interface Branch {
  count: number;
  readonly below: Map<string, Branch>;
}

export interface Tally {
  /** Adds `count` to what the values of the labels, in the order of their names, stand for. */
  add(count: number, ...values: readonly string[]): void;
  /** Hands out what came since the last time, and begins anew. */
  drain(take: (labels: Record<string, string>, count: number) => void): void;
}

export function createTally(names: readonly string[]): Tally {
  const root: Branch = { count: 0, below: new Map() };

  function drain(
    branch: Branch,
    values: readonly string[],
    take: (labels: Record<string, string>, count: number) => void,
  ): void {
    if (branch.count > 0) {
      take(Object.fromEntries(names.map((name, i) => [name, values[i] ?? ''])), branch.count);
      branch.count = 0;
    }
    for (const [value, next] of branch.below) drain(next, [...values, value], take);
  }

  return {
    add(count, ...values) {
      let branch = root;
      for (const value of values) {
        let next = branch.below.get(value);
        if (next === undefined) {
          next = { count: 0, below: new Map() };
          branch.below.set(value, next);
        }
        branch = next;
      }
      branch.count += count;
    },
    drain(take) {
      drain(root, [], take);
    },
  };
}
