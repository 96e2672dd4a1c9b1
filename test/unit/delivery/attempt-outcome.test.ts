import { describe, expect, it } from 'vitest';
import {
  applyResults,
  type AttemptTime,
  outcomeOf,
  recipientsDue,
} from '../../../src/delivery/attempt-outcome.js';
import { newRecipient } from '../../../src/queue/entry.js';
import { DEFAULT_RETRY } from '../../../src/queue/schedule.js';
import { sampleEntry } from '../../helpers/queue-samples.js';

const T0 = sampleEntry(1).receivedAt;
const TIME: AttemptTime = { now: T0 + 1000, chance: 0.5, retry: DEFAULT_RETRY };
const [a, b, c] = ['a', 'b', 'c'].map((name) => newRecipient(name, 'example.com')) as [
  ReturnType<typeof newRecipient>,
  ReturnType<typeof newRecipient>,
  ReturnType<typeof newRecipient>,
];

describe('recipientsDue', () => {
  it('are those who wait and whose time has come', () => {
    const recipients = [
      a,
      { ...b, state: 'deferred' as const, nextAttemptAt: T0 },
      { ...c, state: 'deferred' as const, nextAttemptAt: T0 + 1 },
      { ...c, state: 'failed' as const },
      { ...c, state: 'delivered' as const },
    ];
    expect(recipientsDue(sampleEntry(1, { recipients }), T0)).toEqual(recipients.slice(0, 2));
  });
});

describe('applyResults', () => {
  const entry = sampleEntry(1, { recipients: [a, b, c] });

  it('records each result, and a missing one as a deferral', () => {
    const after = applyResults(
      entry,
      [a, b, c],
      [
        { status: 'delivered', address: a.address },
        { status: 'failed', address: b.address, reason: 'no such user' },
      ],
      TIME,
    );
    expect(after).toMatchObject([
      { state: 'delivered', attempts: 1, lastReason: '' },
      { state: 'failed', attempts: 1, lastReason: 'no such user' },
      { state: 'deferred', attempts: 1, lastReason: 'the transport gave no result' },
    ]);
    expect(after[2]?.nextAttemptAt).toBe(TIME.now + 300_000);
  });

  it('leaves those who were not tried alone', () => {
    expect(applyResults(entry, [a], [], TIME).slice(1)).toEqual([b, c]);
  });

  it('gives up after the lifetime, and says why', () => {
    const time = { ...TIME, now: T0 + DEFAULT_RETRY.lifetimeMs };
    const results = [{ status: 'deferred' as const, address: a.address, reason: 'busy' }];
    expect(applyResults(entry, [a], results, time)[0]).toMatchObject({
      state: 'failed',
      lastReason: 'given up after 1 attempts; the last one: busy',
    });
  });
});

describe('outcomeOf', () => {
  const delivered = { ...a, state: 'delivered' as const };
  const failed = { ...b, state: 'failed' as const, lastReason: 'no such user' };
  const deferred = { ...c, state: 'deferred' as const, nextAttemptAt: T0 + 77 };
  const entry = sampleEntry(1);

  it('is done when everybody was delivered', () => {
    expect(outcomeOf(entry, [delivered], T0)).toEqual({ kind: 'done' });
  });

  it('waits while anybody does', () => {
    const recipients = [delivered, failed, deferred];
    expect(outcomeOf(entry, recipients, T0)).toEqual({ kind: 'retry', due: T0 + 77, recipients });
  });

  it('parks with the reasons when somebody failed for good', () => {
    const recipients = [delivered, failed];
    expect(outcomeOf(entry, recipients, T0)).toEqual({
      kind: 'park',
      at: T0,
      reason: 'could not be delivered: b@example.com: no such user',
      recipients,
    });
  });
});
