import { describe, expect, it } from 'vitest';
import { createSessionIds, parseQuotedId } from '../../../src/core/ids.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

describe('session ids', () => {
  it('are twelve characters that survive a telephone call', () => {
    const next = createSessionIds(createFakeClock());
    for (let i = 0; i < 200; i += 1) expect(next()).toMatch(/^[0-9a-hjkmnp-tv-z]{12}$/);
  });

  it('sort by time', async () => {
    const clock = createFakeClock();
    const next = createSessionIds(clock);
    const ids: string[] = [];
    for (let i = 0; i < 50; i += 1) {
      ids.push(next());
      await clock.advance(1 + i * 37);
    }
    expect([...ids].sort()).toEqual(ids);
  });

  it('do not repeat within one millisecond', () => {
    const next = createSessionIds(createFakeClock());
    const ids = Array.from({ length: 5000 }, next);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('go round at the end of the tail without leaving the alphabet or the length', () => {
    const clock = createFakeClock();
    const next = createSessionIds({ ...clock, random: () => Buffer.from([0x0f, 0xff, 0xfe]) });
    expect([next(), next()].map((id) => id.slice(8))).toEqual(['zzzz', '0000']);
  });

  it('differ between two processes that start in the same millisecond', () => {
    const first = createSessionIds(createFakeClock({ seed: 1 }))();
    const second = createSessionIds(createFakeClock({ seed: 2 }))();
    expect(first.slice(0, 8)).toBe(second.slice(0, 8));
    expect(first).not.toBe(second);
  });
});

describe('quoted ids', () => {
  const session = '0m7c3k9qab1x';

  it.each([
    [session, { session, step: undefined, message: undefined }],
    [`${session}.4`, { session, step: 4, message: undefined }],
    [`${session}-12`, { session, step: undefined, message: 12 }],
    [`  ${session.toUpperCase()}.4\n`, { session, step: 4, message: undefined }],
  ])('reads %j', (text, expected) => {
    expect(parseQuotedId(text)).toEqual(expected);
  });

  it.each([
    '',
    'hello',
    session.slice(1),
    `${session}x`,
    `${session}.`,
    `${session}.x`,
    `${session}.1-2`,
    `${session}.1234567`,
    `${session} .1`,
    session.replace('m', 'i'),
    session.replace('m', 'l'),
    session.replace('m', 'o'),
    session.replace('m', 'u'),
    `<${session}@example.org>`,
  ])('refuses %j', (text) => {
    expect(parseQuotedId(text)).toBeUndefined();
  });

  it('reads back what the generator makes', () => {
    const id = createSessionIds(createFakeClock())();
    expect(parseQuotedId(`${id}-1`)).toEqual({ session: id, step: undefined, message: 1 });
  });
});
