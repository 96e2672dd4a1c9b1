import { describe, expect, it } from 'vitest';
import { createCachingResolver } from '../../../src/dns/caching-resolver.js';
import type { DnsOutcome, Resolver } from '../../../src/dns/resolver.js';
import { createFakeClock } from '../../helpers/fake-clock.js';

type Out = DnsOutcome<string>;
const found = (ttlSeconds: number, ...records: string[]): Out => ({
  status: 'found',
  records,
  ttlSeconds,
  authentic: false,
});
const none = (ttlSeconds: number): Out => ({ status: 'none', nxdomain: true, ttlSeconds, authentic: false });
const servfail: Out = { status: 'tempFail', trouble: 'servfail', detail: '' };

/** A resolver whose answers a test gives by hand. */
function handDriven() {
  const open: { name: string; answer: (outcome: Out) => void; signal: AbortSignal | undefined }[] = [];
  const resolver: Resolver = {
    resolve: (name, _type, options = {}) =>
      new Promise<never>((answer) => {
        open.push({ name, answer: answer as unknown as (outcome: Out) => void, signal: options.signal });
      }),
    close: () => undefined,
  };
  return { open, resolver };
}

/** Answers everything with one outcome and counts. */
function constant(outcome: Out) {
  const asked: string[] = [];
  const resolver: Resolver = {
    resolve: async (name, type) => {
      asked.push(`${name} ${type}`);
      return outcome as never;
    },
    close: () => undefined,
  };
  return { asked, resolver };
}

describe('the caching resolver', () => {
  it('asks once while the answer lives, and tells the time that is left', async () => {
    const clock = createFakeClock();
    const { asked, resolver } = constant(found(100, '192.0.2.1'));
    const cached = createCachingResolver({ clock, resolver });
    await cached.resolve('Example.org.', 'A');
    await clock.advance(40_000);
    expect(await cached.resolve('example.ORG', 'A')).toEqual(found(60, '192.0.2.1'));
    expect(asked).toHaveLength(1);
    await clock.advance(60_000);
    await cached.resolve('example.org', 'A');
    expect(asked).toHaveLength(2);
  });

  it('keeps types and names apart', async () => {
    const { asked, resolver } = constant(found(100, 'x'));
    const cached = createCachingResolver({ clock: createFakeClock(), resolver });
    await cached.resolve('a.example', 'A');
    await cached.resolve('a.example', 'TXT');
    await cached.resolve('b.example', 'A');
    expect(asked).toHaveLength(3);
  });

  it('does not keep an answer with no time, and none longer than its bound', async () => {
    const clock = createFakeClock();
    const short = constant(found(0, 'x'));
    const one = createCachingResolver({ clock, resolver: short.resolver });
    await one.resolve('a.example', 'A');
    await one.resolve('a.example', 'A');
    expect(short.asked).toHaveLength(2);

    const long = constant(found(1_000_000, 'x'));
    const two = createCachingResolver({ clock, resolver: long.resolver, maxTtlSeconds: 10 });
    await two.resolve('a.example', 'A');
    await clock.advance(10_000);
    await two.resolve('a.example', 'A');
    expect(long.asked).toHaveLength(2);
  });

  it('makes nothing new for askers of the same second', async () => {
    const clock = createFakeClock();
    const { resolver } = constant(found(100, '192.0.2.1'));
    const cached = createCachingResolver({ clock, resolver });
    await cached.resolve('a.example', 'A');
    const one = cached.resolve('a.example', 'A');
    expect(cached.resolve('A.example.', 'A')).toBe(one);
    await clock.advance(1000);
    expect(await cached.resolve('a.example', 'A')).toEqual(found(99, '192.0.2.1'));
    expect(await one).toEqual(found(100, '192.0.2.1'));
  });

  it('does not keep "nothing there" of a zone that says 0', async () => {
    const { asked, resolver } = constant(none(0));
    const cached = createCachingResolver({ clock: createFakeClock(), resolver });
    await cached.resolve('a.example', 'A');
    await cached.resolve('a.example', 'A');
    expect(asked).toHaveLength(2);
  });

  it.each([
    [5, 5],
    [100, 100],
    [86_400, 300],
  ])('keeps "nothing there" of %i seconds for %i', async (said, kept) => {
    const clock = createFakeClock();
    const { asked, resolver } = constant(none(said));
    const cached = createCachingResolver({ clock, resolver });
    await cached.resolve('a.example', 'A');
    await clock.advance(kept * 1000 - 1);
    await cached.resolve('a.example', 'A');
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await cached.resolve('a.example', 'A');
    expect(asked).toHaveLength(2);
  });

  it('keeps trouble for a second at most, or not at all', async () => {
    const clock = createFakeClock();
    const { asked, resolver } = constant(servfail);
    const cached = createCachingResolver({ clock, resolver });
    await cached.resolve('a.example', 'A');
    await cached.resolve('a.example', 'A');
    expect(asked).toHaveLength(1);
    await clock.advance(1000);
    expect(await cached.resolve('a.example', 'A')).toEqual(servfail);
    expect(asked).toHaveLength(2);

    const keepsNone = createCachingResolver({ clock, resolver, troubleMs: 0 });
    await keepsNone.resolve('a.example', 'A');
    await keepsNone.resolve('a.example', 'A');
    expect(asked).toHaveLength(4);
  });

  it('makes one question of equal ones in flight', async () => {
    const { open, resolver } = handDriven();
    const cached = createCachingResolver({ clock: createFakeClock(), resolver });
    const both = [cached.resolve('a.example', 'A'), cached.resolve('A.example', 'A')];
    expect(open).toHaveLength(1);
    open[0]?.answer(found(10, '192.0.2.1'));
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
  });

  it('lets an asker leave without harm to the others', async () => {
    const { open, resolver } = handDriven();
    const cached = createCachingResolver({ clock: createFakeClock(), resolver });
    const leaving = new AbortController();
    const one = cached.resolve('a.example', 'A', { signal: leaving.signal });
    const other = cached.resolve('a.example', 'A');
    leaving.abort();
    expect(await one).toMatchObject({ status: 'tempFail', trouble: 'aborted' });
    expect(open[0]?.signal?.aborted).toBe(false);
    open[0]?.answer(found(10, '192.0.2.1'));
    expect(await other).toMatchObject({ status: 'found' });
  });

  it('calls a question off when the last asker leaves, and starts anew for the next', async () => {
    const { open, resolver } = handDriven();
    const cached = createCachingResolver({ clock: createFakeClock(), resolver });
    const leaving = new AbortController();
    const one = cached.resolve('a.example', 'A', { signal: leaving.signal });
    leaving.abort();
    await one;
    expect(open[0]?.signal?.aborted).toBe(true);
    const next = cached.resolve('a.example', 'A');
    expect(open).toHaveLength(2);
    open[0]?.answer({ status: 'tempFail', trouble: 'aborted', detail: '' });
    open[1]?.answer(found(10, '192.0.2.1'));
    expect(await next).toMatchObject({ status: 'found' });
  });

  it('holds no more than its bounds', async () => {
    const { asked, resolver } = constant(found(100, 'x'));
    const cached = createCachingResolver({ clock: createFakeClock(), resolver, maxEntries: 2 });
    for (const name of ['a', 'b', 'c', 'a']) await cached.resolve(name, 'A');
    expect(asked).toHaveLength(4);

    const big = constant(found(100, 'x'.repeat(5000)));
    const small = createCachingResolver({
      clock: createFakeClock(),
      resolver: big.resolver,
      maxOctets: 4000,
    });
    await small.resolve('a', 'TXT');
    await small.resolve('a', 'TXT');
    expect(big.asked).toHaveLength(2);
  });

  it('answers after closing, and releases who waits', async () => {
    const { resolver } = handDriven();
    const cached = createCachingResolver({ clock: createFakeClock(), resolver });
    const waiting = cached.resolve('a.example', 'A');
    cached.close();
    expect(await waiting).toMatchObject({ status: 'tempFail', trouble: 'aborted' });
    expect(await cached.resolve('b.example', 'A')).toMatchObject({ status: 'tempFail', trouble: 'aborted' });
  });

  it('turns a rejection, which the port forbids, into trouble', async () => {
    const resolver: Resolver = { resolve: () => Promise.reject(new Error('boom')), close: () => undefined };
    const cached = createCachingResolver({ clock: createFakeClock(), resolver });
    expect(await cached.resolve('a.example', 'A')).toMatchObject({ status: 'tempFail', trouble: 'network' });
  });
});
