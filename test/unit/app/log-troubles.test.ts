import { describe, expect, it } from 'vitest';
import { logTroubles } from '../../../src/app/log-troubles.js';
import { createFactBus } from '../../../src/core/facts.js';
import { type Logger, silentLogger } from '../../../src/core/log.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

function watched() {
  const clock = createFakeClock();
  const facts = createFactBus(() => undefined);
  const lines: unknown[] = [];
  const log: Logger = { ...silentLogger, warn: (text, fields) => lines.push({ text, ...fields }) };
  logTroubles(facts, log, clock);
  const trouble = (check: string, reason: string): void => {
    facts.publish('check.trouble', { check, status: 'TempError', reason });
  };
  return { clock, lines, trouble, facts };
}

const line = (check: string, reason: string, times: number) => ({
  text: 'a check came to no result',
  check,
  status: 'TempError',
  reason,
  times,
});

describe('block lists in trouble', () => {
  it('have one line a minute for each list', async () => {
    const { clock, lines, facts } = watched();
    const fail = (zone: string, session: string): void => {
      facts.publish('blocklist.failed', { session, zone, status: 'tempError', reason: 'timeout' });
    };
    for (let i = 0; i < 100; i += 1) for (const zone of ['a.test', 'b.test']) fail(zone, `s${i}`);
    await clock.advance(60_000);
    fail('b.test', 'last');
    const text = 'a block list gave no answer; the client is not refused for it';
    const row = (zone: string, session: string, times: number): unknown => ({
      ...{ text, zone, session, times },
      ...{ status: 'tempError', reason: 'timeout' },
    });
    expect(lines).toEqual([row('a.test', 's0', 1), row('b.test', 's0', 1), row('b.test', 'last', 100)]);
  });
});

describe('checks in trouble', () => {
  it('have one line a minute, which says how many there were since the last', async () => {
    const { clock, lines, trouble } = watched();
    for (let i = 0; i < 1000; i += 1) trouble('spf', `no answer ${i}`);
    expect(lines).toEqual([line('spf', 'no answer 0', 1)]);
    await clock.advance(59_999);
    trouble('spf', 'still none');
    expect(lines).toHaveLength(1);
    await clock.advance(1);
    trouble('spf', 'none yet');
    expect(lines[1]).toEqual(line('spf', 'none yet', 1001));
    await clock.advance(600_000);
    trouble('spf', 'again');
    expect(lines[2]).toEqual(line('spf', 'again', 1));
  });

  it('have lines of their own for each check', () => {
    const { lines, trouble } = watched();
    for (const check of ['spf', 'dmarc', 'spf', 'dnsbl']) trouble(check, 'timeout');
    expect(lines).toEqual(['spf', 'dmarc', 'dnsbl'].map((check) => line(check, 'timeout', 1)));
  });
});
