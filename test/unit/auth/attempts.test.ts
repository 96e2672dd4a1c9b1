import { describe, expect, it } from 'vitest';
import { type Attempt, createAttempts } from '../../../src/auth/attempts.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

const IP = '192.0.2.1';

function createBench(more = {}) {
  const clock = createFakeClock();
  const attempts = createAttempts({ clock, ...more });
  /** Begins, waits as long as it is told to, and answers how long that was. */
  const begin = async (ip = IP): Promise<{ attempt: Attempt; delayMs: number }> => {
    const answer = attempts.begin(ip);
    if (answer.status === 'allowed') return { attempt: answer.attempt, delayMs: 0 };
    if (answer.status !== 'delayed') throw new Error(answer.status);
    await clock.advance(answer.delayMs);
    return answer;
  };
  const fail = async (ip = IP, user = 'tim'): Promise<number> => {
    const { attempt, delayMs } = await begin(ip);
    attempt.failed(user);
    return delayMs;
  };
  return { clock, attempts, begin, fail };
}

describe('createAttempts', () => {
  it('delays longer with each failure, up to ten seconds', async () => {
    const { fail } = createBench();
    const delays: number[] = [];
    for (let i = 0; i < 9; i += 1) delays.push(await fail());
    expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000]);
  });

  it('delays no longer than is left of the wait', async () => {
    const { clock, attempts, fail } = createBench();
    await fail();
    await clock.advance(400);
    expect(attempts.begin(IP)).toMatchObject({ status: 'delayed', delayMs: 600 });
    await clock.advance(600);
    expect(attempts.begin(IP)).toMatchObject({ status: 'allowed' });
  });

  it('locks the address out after ten failures, for ten minutes, and others not', async () => {
    const { clock, attempts, fail } = createBench();
    for (let i = 0; i < 10; i += 1) await fail();
    const untilMs = clock.now() + 600_000;
    expect(attempts.begin(IP)).toEqual({ status: 'locked', untilMs });
    expect(attempts.begin('192.0.2.2').status).toBe('allowed');
    await clock.advance(599_999);
    // Trying during the lock does not lengthen it.
    expect(attempts.begin(IP)).toEqual({ status: 'locked', untilMs });
    await clock.advance(1);
    expect(attempts.begin(IP).status).toBe('allowed');
  });

  it('locks out a /64 as one client', async () => {
    const { attempts, fail } = createBench({ maxFailures: 3 });
    for (const last of ['1', '2', '3']) await fail(`2001:db8::${last}`);
    expect(attempts.begin('2001:db8::ffff').status).toBe('locked');
    expect(attempts.begin('2001:db8:0:1::1').status).toBe('allowed');
  });

  it('forgets a failure when the window is over', async () => {
    const { clock, attempts, fail } = createBench({ maxFailures: 3, windowMs: 60_000 });
    await fail();
    await fail();
    await clock.advance(60_000);
    await fail();
    expect(attempts.begin(IP)).toMatchObject({ status: 'delayed', delayMs: 1000 });
  });

  it('counts attempts that run as if they were wrong, so that many connections gain nothing', async () => {
    const { attempts, begin, fail } = createBench({ maxFailures: 3 });
    await fail();
    const [one, two] = [await begin(), await begin()];
    expect(attempts.begin(IP)).toEqual({ status: 'busy' });
    one.attempt.abandoned();
    const three = await begin();
    two.attempt.failed('a');
    three.attempt.failed('b');
    expect(attempts.begin(IP).status).toBe('locked');
  });

  it('forgives a user that succeeds its own failures and no others', async () => {
    const { begin, fail, attempts } = createBench({ maxFailures: 4 });
    await fail(IP, 'tim');
    await fail(IP, 'tim');
    await fail(IP, 'ann');
    (await begin()).attempt.succeeded('tim');
    await fail(IP, 'ann');
    await fail(IP, 'ann');
    const fourth = await begin();
    expect(fourth.delayMs).toBe(4000);
    fourth.attempt.succeeded('tim');
    await fail(IP, 'ann');
    expect(attempts.begin(IP).status).toBe('locked');
  });

  it('counts the end of an attempt once', async () => {
    const { attempts, begin } = createBench({ maxFailures: 2 });
    const { attempt } = await begin();
    attempt.failed('tim');
    attempt.failed('tim');
    attempt.abandoned();
    expect(attempts.begin(IP).status).toBe('delayed');
  });

  it('remembers nothing about clients that did nothing wrong', async () => {
    const { attempts, begin } = createBench();
    (await begin()).attempt.succeeded('tim');
    expect(attempts.size).toBe(0);
  });

  it('forgets the address that was quiet longest, and none with a running attempt', async () => {
    const { attempts, begin, fail } = createBench({ maxAddresses: 3, maxFailures: 1 });
    const running = await begin('192.0.2.1');
    await fail('192.0.2.2');
    await fail('192.0.2.3');
    expect(attempts.begin('192.0.2.2').status).toBe('locked');
    await fail('192.0.2.4');
    expect(attempts.size).toBe(3);
    expect(attempts.begin('192.0.2.2').status).toBe('locked');
    running.attempt.failed('tim');
    expect(attempts.begin('192.0.2.1').status).toBe('locked');
    expect(attempts.begin('192.0.2.3').status).toBe('allowed');
  });
});
