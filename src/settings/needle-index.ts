/**
 * Which of many patterns an address may match at all.
 *
 * A pattern is found by three characters of its needle, those that fewest other patterns have; an
 * address of n characters costs n look-ups, not one try for each pattern. Patterns without a needle
 * of three characters are always among the candidates. Needles are ASCII without capitals, and
 * other letters can be equal to ASCII ones when case is ignored, so that an address with such
 * letters makes all patterns candidates.
 *
 * Callers: qregex. Holds positions only, decides nothing.
 */

const GRAM = 3;
const NON_ASCII = /[^\p{ASCII}]/u;

export interface NeedleIndex {
  /** Positions of the patterns worth a try, lowest first. */
  candidates(spellings: readonly string[]): readonly number[];
}

/** Every three characters that follow one another. */
function gramsOf(text: string): string[] {
  const grams: string[] = [];
  for (let i = 0; i + GRAM <= text.length; i += 1) grams.push(text.slice(i, i + GRAM));
  return grams;
}

function countGrams(needles: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const needle of needles) {
    for (const gram of new Set(gramsOf(needle))) counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

/** The three characters of the needle that fewest have; undefined for one that is too short. */
function rarestOf(needle: string, counts: ReadonlyMap<string, number>): string | undefined {
  let best: string | undefined;
  for (const gram of gramsOf(needle)) {
    if (best === undefined || (counts.get(gram) ?? 0) < (counts.get(best) ?? 0)) best = gram;
  }
  return best;
}

/** `needles` in the order of their patterns; empty for a pattern that has none. */
export function createNeedleIndex(needles: readonly string[]): NeedleIndex {
  const all = needles.map((_, at) => at);
  const always: number[] = [];
  const byGram = new Map<string, number[]>();
  const counts = countGrams(needles);
  needles.forEach((needle, at) => {
    const gram = rarestOf(needle, counts);
    if (gram === undefined) always.push(at);
    else if (byGram.get(gram)?.push(at) === undefined) byGram.set(gram, [at]);
  });

  return {
    candidates(spellings) {
      if (byGram.size === 0 || spellings.some((spelling) => NON_ASCII.test(spelling))) return all;
      const found = new Set<number>();
      for (const spelling of spellings) {
        const small = spelling.toLowerCase();
        for (let i = 0; i + GRAM <= small.length; i += 1) {
          for (const at of byGram.get(small.slice(i, i + GRAM)) ?? []) found.add(at);
        }
      }
      if (found.size === 0) return always;
      return [...always, ...found].sort((one, other) => one - other);
    },
  };
}
