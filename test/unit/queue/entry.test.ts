import { describe, expect, it } from 'vitest';
import { dueAt, isQueueId, isWaiting, newRecipient } from '../../../src/queue/entry.js';

describe('newRecipient', () => {
  it('joins the address, and leaves a name without a domain alone', () => {
    expect(newRecipient('user', 'example.com').address).toBe('user@example.com');
    expect(newRecipient('postmaster', '').address).toBe('postmaster');
  });
});

describe('dueAt', () => {
  const fresh = newRecipient('u', 'example.com');

  it('is the earliest moment of those who wait, and not before notBefore', () => {
    const recipients = [
      { ...fresh, state: 'delivered' as const, nextAttemptAt: 1 },
      { ...fresh, state: 'deferred' as const, nextAttemptAt: 50 },
      { ...fresh, nextAttemptAt: 40 },
      { ...fresh, nextAttemptAt: 60 },
    ];
    expect(dueAt(recipients, 0)).toBe(40);
    expect(dueAt(recipients, 45)).toBe(45);
  });

  it('is nothing when nobody waits', () => {
    expect(dueAt([{ ...fresh, state: 'failed' }], 9)).toBeUndefined();
    expect(isWaiting({ ...fresh, state: 'failed' })).toBe(false);
  });
});

describe('isQueueId', () => {
  it.each(['0m7c3k9qab1x-1', '0m7c3k9qab1x-999999'])('takes %s', (id) => {
    expect(isQueueId(id)).toBe(true);
  });
  it.each(['', '../../etc/passwd', '0m7c3k9qab1x', '0m7c3k9qab1x-', '0M7C3K9QAB1X-1', '0m7c3k9qab1x-1\n'])(
    'refuses %j',
    (id) => {
      expect(isQueueId(id)).toBe(false);
    },
  );
});
