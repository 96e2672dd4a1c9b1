import { describe, expect, it } from 'vitest';
import { type Attempt, type Attempted, createAttempts } from '../../../src/auth/attempts.js';
import { createFakeClock } from '../../helpers/fake-clock.js';
import { gate } from '../../helpers/gate.js';

const IP = '192.0.2.1';
const CORRECT = (attempt: Attempt): Promise<string> => {
  attempt.succeeded('tim');
  return Promise.resolve('right');
};

function createBench(more = {}) {
  const clock = createFakeClock();
  const attempts = createAttempts({ clock, ...more });
  const run = (ip: string, end: (attempt: Attempt) => void): Promise<Attempted<number>> =>
    attempts.run({ remoteIp: ip }, (attempt) => {
      end(attempt);
      return Promise.resolve(clock.elapsed());
    });
  /** Runs one attempt, waits as long as it takes, and answers how long that was. */
  const delayOf = async (ip: string, end: (attempt: Attempt) => void): Promise<number> => {
    const before = clock.elapsed();
    let answer: Attempted<number> | undefined;
    const running = run(ip, end).then((settled) => {
      answer = settled;
    });
    await clock.settle();
    while (!answer) await clock.advance(100);
    await running;
    if (answer.status !== 'done') throw new Error(answer.status);
    return answer.value - before;
  };
  const fail = (ip = IP, user = 'tim'): Promise<number> => delayOf(ip, (attempt) => attempt.failed(user));
  const succeed = (user: string): Promise<number> => delayOf(IP, (attempt) => attempt.succeeded(user));
  /** What an attempt of this address comes to at this moment; one that has to wait leaves. */
  const ask = async (ip = IP): Promise<Attempted<string>> => {
    const client = new AbortController();
    const answer = attempts.run({ remoteIp: ip, signal: client.signal }, () => Promise.resolve(''));
    await clock.settle();
    client.abort();
    return answer;
  };
  return { clock, attempts, run, fail, succeed, ask };
}

describe('createAttempts', () => {
  it('delays longer with each failure, up to ten seconds', async () => {
    const { fail } = createBench();
    const delays: number[] = [];
    for (let i = 0; i < 9; i += 1) delays.push(await fail());
    expect(delays).toEqual([0, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000]);
  });

  it('delays no longer than is left of the wait', async () => {
    const { clock, fail, succeed } = createBench();
    await fail();
    await clock.advance(400);
    expect(await succeed('ann')).toBe(600);
    expect(await succeed('ann')).toBe(0);
  });

  it('locks the address out after ten failures, for ten minutes, and others not', async () => {
    const { clock, ask, fail } = createBench();
    for (let i = 0; i < 10; i += 1) await fail();
    const untilMs = clock.now() + 600_000;
    expect(await ask()).toEqual({ status: 'locked', untilMs });
    expect((await ask('192.0.2.2')).status).toBe('done');
    await clock.advance(599_999);
    // Trying during the lock does not lengthen it.
    expect(await ask()).toEqual({ status: 'locked', untilMs });
    await clock.advance(1);
    expect((await ask()).status).toBe('done');
  });

  it('locks out a /64 as one client', async () => {
    const { ask, fail } = createBench({ maxFailures: 3 });
    for (const last of ['1', '2', '3']) await fail(`2001:db8::${last}`);
    expect((await ask('2001:db8::ffff')).status).toBe('locked');
    expect((await ask('2001:db8:0:1::1')).status).toBe('done');
  });

  it('forgets a failure when the window is over', async () => {
    const { clock, fail } = createBench({ maxFailures: 3, windowMs: 60_000 });
    await fail();
    await fail();
    await clock.advance(60_000);
    await fail();
    expect(await fail()).toBe(1000);
  });

  it('forgives a user that succeeds its own failures and no others', async () => {
    const { fail, succeed, ask } = createBench({ maxFailures: 4 });
    await fail(IP, 'tim');
    await fail(IP, 'tim');
    await fail(IP, 'ann');
    await succeed('tim');
    await fail(IP, 'ann');
    await fail(IP, 'ann');
    expect(await succeed('tim')).toBe(4000);
    await fail(IP, 'ann');
    expect((await ask()).status).toBe('locked');
  });

  it('counts the end of an attempt once', async () => {
    const { run, ask } = createBench({ maxFailures: 2 });
    await run(IP, (attempt) => {
      attempt.failed('tim');
      attempt.failed('tim');
    });
    expect((await ask()).status).toBe('gone');
  });

  it('remembers nothing about clients that did nothing wrong', async () => {
    const { attempts, succeed } = createBench();
    await succeed('tim');
    expect(attempts.size).toBe(0);
  });

  it('forgets the address that was quiet longest, and none with a running attempt', async () => {
    const { attempts, ask, fail } = createBench({ maxAddresses: 3, maxFailures: 1 });
    const verified = gate();
    const running = attempts.run({ remoteIp: '192.0.2.1' }, async (attempt) => {
      await verified.passed;
      attempt.failed('tim');
    });
    await fail('192.0.2.2');
    await fail('192.0.2.3');
    expect((await ask('192.0.2.2')).status).toBe('locked');
    await fail('192.0.2.4');
    expect(attempts.size).toBe(3);
    expect((await ask('192.0.2.2')).status).toBe('locked');
    verified.open();
    await running;
    expect((await ask('192.0.2.1')).status).toBe('locked');
    expect((await ask('192.0.2.3')).status).toBe('done');
  });
});

describe('attempts of one address at once', () => {
  it('wait for each other and for the failures before them, then for the lock', async () => {
    const { clock, run } = createBench();
    const many = Array.from({ length: 12 }, () => run(IP, (attempt) => attempt.failed('tim')));
    await clock.advance(120_000);
    const answers = await Promise.all(many);
    const times = answers.flatMap((answer) => (answer.status === 'done' ? [answer.value] : []));
    expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 25_000, 35_000, 45_000, 55_000, 65_000]);
    expect(answers.slice(10).map(({ status }) => status)).toEqual(['locked', 'locked']);
  });

  it('are looked at one at a time', async () => {
    const { clock, attempts } = createBench();
    const gates = [gate(), gate()];
    let looked = 0;
    const both = gates.map(({ passed }) =>
      attempts.run({ remoteIp: IP }, () => {
        looked += 1;
        return passed;
      }),
    );
    await clock.settle();
    expect(looked).toBe(1);
    gates[0]?.open();
    await clock.settle();
    expect(looked).toBe(2);
    gates[1]?.open();
    await Promise.all(both);
  });

  it('do not wait where nothing was wrong', async () => {
    const { clock, attempts } = createBench();
    const office = Array.from({ length: 50 }, () => attempts.run({ remoteIp: IP }, CORRECT));
    const answers = await Promise.all(office);
    expect(answers).toEqual(Array(50).fill({ status: 'done', value: 'right' }));
    expect(clock.pending()).toBe(0);
    expect(attempts.size).toBe(0);
  });

  it('are no more than may wait', async () => {
    const { clock, attempts, fail } = createBench({ maxWaiting: 2 });
    await fail();
    const four = Array.from({ length: 4 }, () => attempts.run({ remoteIp: IP }, CORRECT));
    await expect(four[3]).resolves.toEqual({ status: 'busy' });
    await clock.advance(1000);
    const answers = await Promise.all(four);
    expect(answers.map(({ status }) => status)).toEqual(['done', 'done', 'done', 'busy']);
  });

  it('hold up no other address', async () => {
    const { clock, attempts, fail } = createBench({ maxWaiting: 2 });
    await fail();
    const flood = Array.from({ length: 20 }, () => attempts.run({ remoteIp: IP }, CORRECT));
    await expect(attempts.run({ remoteIp: '192.0.2.2' }, CORRECT)).resolves.toMatchObject({ status: 'done' });
    await clock.advance(1000);
    await Promise.all(flood);
  });

  it('end with the client, wherever in the line it is', async () => {
    const { clock, attempts, fail } = createBench();
    await fail();
    const clients = [1, 2, 3].map(() => new AbortController());
    const [first, second, third] = clients.map(({ signal }) =>
      attempts.run({ remoteIp: IP, signal }, CORRECT),
    );
    await clock.advance(500);
    clients[1]?.abort();
    await expect(second).resolves.toEqual({ status: 'gone' });
    clients[0]?.abort();
    await expect(first).resolves.toEqual({ status: 'gone' });
    // Whoever is next waits for what is left of the delay.
    await clock.advance(499);
    expect(clock.pending()).toBe(1);
    await clock.advance(1);
    await expect(third).resolves.toEqual({ status: 'done', value: 'right' });
    expect(attempts.size).toBe(0);
  });

  it('go on when one of them throws', async () => {
    const { attempts } = createBench();
    const broken = attempts.run({ remoteIp: IP }, () => Promise.reject(new Error('directory down')));
    const next = attempts.run({ remoteIp: IP }, CORRECT);
    await expect(broken).rejects.toThrow('directory down');
    await expect(next).resolves.toMatchObject({ status: 'done' });
    expect(attempts.size).toBe(0);
  });
});
