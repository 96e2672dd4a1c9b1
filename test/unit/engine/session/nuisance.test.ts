import { describe, expect, it } from 'vitest';
import { Nuisance } from '../../../../src/engine/session/nuisance.js';

const LIMITS = { maxErrors: 2, maxJunkCommands: 3, maxFruitless: 2 };

/** The answers to one command after the other. */
function answers(nuisance: Nuisance, ...verbs: readonly string[]): (string | undefined)[] {
  return verbs.map((verb) => nuisance.command(verb));
}

describe('Nuisance', () => {
  it('ends a session after too many errors in all', () => {
    const nuisance = new Nuisance(LIMITS);
    expect([nuisance.error(), nuisance.error()]).toEqual([undefined, undefined]);
    nuisance.message();
    expect(nuisance.error()).toBe('errors');
  });

  it('ends a session after too many commands in a row that do nothing for a message', () => {
    const nuisance = new Nuisance(LIMITS);
    expect(answers(nuisance, 'NOOP', 'RSET', 'HELP', 'MAIL')).toEqual(Array(4).fill(undefined));
    expect(answers(nuisance, 'VRFY', 'EHLO', 'NOOP', 'NOOP')).toEqual([
      undefined,
      undefined,
      undefined,
      'junk',
    ]);
  });

  it('ends a session after too many transactions without a message', () => {
    const nuisance = new Nuisance(LIMITS);
    expect(answers(nuisance, 'MAIL', 'RSET', 'MAIL', 'RSET')).toEqual(Array(4).fill(undefined));
    expect(nuisance.command('MAIL')).toBe('fruitless');
  });

  it('begins anew after a message', () => {
    const nuisance = new Nuisance(LIMITS);
    for (let i = 0; i < 100; i += 1) {
      expect(answers(nuisance, 'MAIL', 'RSET', 'MAIL', 'RCPT', 'DATA')).toEqual(Array(5).fill(undefined));
      nuisance.message();
    }
  });

  it('lets a mailing list through of which most addresses are gone, and nobody with endless ones', () => {
    const nuisance = new Nuisance(LIMITS);
    nuisance.command('MAIL');
    const rcpts = Array<string>(2000).fill('RCPT');
    expect(new Set(answers(nuisance, ...rcpts))).toEqual(new Set([undefined]));
    expect(nuisance.command('RCPT')).toBe('fruitless');
  });
});
