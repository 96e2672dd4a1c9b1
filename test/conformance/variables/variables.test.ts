/**
 * Every documented variable in every SMTPIn event, on the wire: the cases of cases/*.ts against the
 * whole program, and the proof that they leave no cell of the event table out.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { accessOf, EVENTS } from '../../../src/hooks/table/index.js';
import { type Case, INBOUND } from './case.js';

const FOLDER = new URL('./cases/', import.meta.url);

const files = await Promise.all(
  readdirSync(FOLDER).map(async (file) => {
    const { CASES } = (await import(new URL(file, FOLDER).href)) as { readonly CASES: readonly Case[] };
    return { file: file.replace(/\.ts$/, ''), cases: CASES };
  }),
);

/** Every cell of the table, reading and writing apart. */
function demanded(): readonly string[] {
  return INBOUND.flatMap((event) => [
    ...Object.keys(EVENTS[event].vars).flatMap((name) => {
      const access = accessOf(event, name);
      const ways = access === 'inout' ? ['in', 'out'] : [access];
      return ways.map((way) => `${event}.${name}:${way}`);
    }),
    ...EVENTS[event].methods.map((name) => `${event}.${name}()`),
  ]);
}

describe('the cases', () => {
  const proved = new Set<string>(files.flatMap(({ cases }) => cases.flatMap(({ proves }) => proves)));

  it('prove every cell of the SMTPIn events', () => {
    expect(demanded().filter((cell) => !proved.has(cell))).toEqual([]);
  });

  it('prove nothing that the table does not have', () => {
    const known = new Set(demanded());
    expect([...proved].filter((cell) => !known.has(cell))).toEqual([]);
  });
});

for (const { file, cases } of files) {
  describe(file, () => {
    it.each(cases)('$title', ({ run }) => run());
  });
}
