/**
 * The event table against the documented facts, cell by cell and both ways.
 *
 * A difference must be announced in deviations.ts with its reason; one that is announced must exist.
 */
import { describe, expect, it } from 'vitest';
import { EVENT_NAMES, EVENTS, METHOD_NAMES } from '../../../src/hooks/table/index.js';
import { type Difference, differences } from './compare.js';
import { ADDED_METHODS } from './added-methods.js';
import { announced, DEVIATIONS } from './deviations.js';
import { REFERENCE } from './reference.js';

const line = ({ at, field, reference, table }: Difference): string =>
  `${at} ${field}: documents ${String(reference)}, table ${String(table)}`;

describe('the event table and the documents', () => {
  const found = differences().map(line);
  const listed = announced().map(line);

  it('differ only where deviations.ts says so', () => {
    expect(found.filter((entry) => !listed.includes(entry))).toEqual([]);
  });

  it('still differ wherever deviations.ts says so', () => {
    expect(listed.filter((entry) => !found.includes(entry))).toEqual([]);
  });

  it.each(DEVIATIONS)('give a reason for $variable $field', ({ reason }) => {
    expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  it.each(Object.entries(ADDED_METHODS))('have %s of ours, with a reason', (name, reason) => {
    expect(METHOD_NAMES).toContain(name);
    expect(REFERENCE.methods).not.toHaveProperty(name);
    expect(reason).toMatch(/^[A-Z].{20,}\.$/);
  });

  it('announce no difference twice', () => {
    expect(new Set(listed).size).toBe(listed.length);
  });
});

describe('the documented facts', () => {
  it('cover every documented cell', () => {
    const cells = Object.values(REFERENCE.events).flatMap((event) => Object.values(event.cells));
    const seen = (wanted: string) => cells.filter((cell) => cell.seen === wanted).length;
    expect([seen('printed'), seen('partly'), seen('inferred')]).toEqual([169, 28, 160]);
  });

  it.each(EVENT_NAMES)('know %s', (event) => {
    expect(REFERENCE.events[event]?.context).toBe(EVENTS[event].context);
  });
});
