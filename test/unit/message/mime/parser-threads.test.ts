/** The few threads of the parser: when they start, who waits, when they end. No real thread here. */
import { describe, expect, it } from 'vitest';
import { memoryBody } from '../../../../src/message/body.js';
import type { ParseThread } from '../../../../src/message/mime/parse-thread.js';
import { createMimeParser, type MimeParser } from '../../../../src/message/mime/parser.js';
import type { ParseOutcome } from '../../../../src/message/mime/parsed-message.js';
import { createFakeClock, type FakeClock } from '../../../helpers/fake-clock.js';

const BODY = memoryBody(Buffer.from('body'));
const never = new AbortController().signal;

function named(reason: string): ParseOutcome {
  return { status: 'unparsable', reason };
}

/** A thread that answers when the test says so. */
interface FakeThread extends ParseThread {
  answer(reason: string): Promise<void>;
  die(): Promise<void>;
}

interface Rig {
  readonly parser: MimeParser;
  readonly clock: FakeClock;
  readonly threads: readonly FakeThread[];
  ask(name: string, signal?: AbortSignal): Promise<ParseOutcome>;
}

function rig(): Rig {
  const clock = createFakeClock();
  const threads: FakeThread[] = [];
  const start = (): ParseThread => {
    let settle: { resolve: (outcome: ParseOutcome) => void; reject: (error: Error) => void } | undefined;
    let isAlive = true;
    const thread: FakeThread = {
      get isAlive() {
        return isAlive;
      },
      ask: () =>
        new Promise((resolve, reject) => {
          settle = { resolve, reject };
        }),
      end() {
        isAlive = false;
        return Promise.resolve();
      },
      async answer(reason) {
        settle?.resolve(named(reason));
        await clock.settle();
      },
      async die() {
        isAlive = false;
        settle?.reject(new Error('out of memory'));
        await clock.settle();
      },
    };
    threads.push(thread);
    return thread;
  };
  const parser = createMimeParser({ clock, threads: 2, idleMs: 30_000, deadlineMs: 10_000, start });
  const ask = (name: string, signal = never): Promise<ParseOutcome> =>
    parser.parse(Buffer.from(name), BODY, signal);
  return { parser, clock, threads, ask };
}

describe('the threads of the MIME parser', () => {
  it('start with questions only, and one serves many', async () => {
    const { threads, ask } = rig();
    expect(threads).toHaveLength(0);
    for (const name of ['first', 'second', 'third']) {
      const outcome = ask(name);
      await threads[0]?.answer(name);
      expect(await outcome).toEqual(named(name));
    }
    expect(threads).toHaveLength(1);
  });

  it('let a quick message pass a slow one', async () => {
    const { threads, ask } = rig();
    ask('slow').catch(() => undefined);
    const quick = ask('quick');
    await threads[1]?.answer('quick');
    expect(await quick).toEqual(named('quick'));
  });

  it('are no more than allowed, and the others wait their turn', async () => {
    const { threads, ask, clock } = rig();
    const all = ['a', 'b', 'c', 'd'].map((name) => ask(name));
    await clock.settle();
    expect(threads).toHaveLength(2);
    await threads[1]?.answer('b');
    await threads[1]?.answer('c');
    await threads[0]?.answer('a');
    await threads[1]?.answer('d');
    expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'].map(named));
    expect(threads).toHaveLength(2);
  });

  it('count the deadline from the turn of a message, and are replaced when it is over', async () => {
    const { threads, ask, clock } = rig();
    const first = [ask('a'), ask('b')];
    const last = ask('c');
    await clock.advance(9_999);
    await clock.advance(1);
    expect(await Promise.all(first)).toEqual([
      named('parsing took too long'),
      named('parsing took too long'),
    ]);
    expect(threads.map((thread) => thread.isAlive)).toEqual([false, false, true]);
    await clock.advance(9_999);
    await threads[2]?.answer('c');
    expect(await last).toEqual(named('c'));
  });

  it('are replaced when one dies', async () => {
    const { threads, ask } = rig();
    const first = ask('a');
    await threads[0]?.die();
    expect(await first).toEqual(named('out of memory'));
    const second = ask('b');
    await threads[1]?.answer('b');
    expect(await second).toEqual(named('b'));
  });

  it('are spared a message whose client has gone while it waited', async () => {
    const { threads, ask, clock } = rig();
    const gone = new AbortController();
    const running = [ask('a'), ask('b')];
    const waiting = ask('c', gone.signal);
    await clock.settle();
    gone.abort();
    expect(await waiting).toEqual(named('the client has gone'));
    await threads[0]?.answer('a');
    await threads[1]?.answer('b');
    await Promise.all(running);
    expect(threads.map((thread) => thread.isAlive)).toEqual([true, true]);
  });

  it('end when nobody has asked for a while', async () => {
    const { threads, ask, clock } = rig();
    const outcome = ask('a');
    await threads[0]?.answer('a');
    await outcome;
    await clock.advance(29_999);
    expect(threads[0]?.isAlive).toBe(true);
    await clock.advance(1);
    expect(threads[0]?.isAlive).toBe(false);
    expect(clock.pending()).toBe(0);
    ask('b').catch(() => undefined);
    expect(threads).toHaveLength(2);
  });

  it('end with the parser, and whoever waits hears why', async () => {
    const { parser, threads, ask, clock } = rig();
    const idle = ask('x');
    await threads[0]?.answer('x');
    await idle;
    const outcomes = [ask('a'), ask('b'), ask('c')];
    await clock.settle();
    await parser.close();
    for (const thread of threads) await thread.die();
    expect(await Promise.all(outcomes)).toEqual(outcomes.map(() => named('Postern is stopping')));
    expect(await ask('d')).toEqual(named('Postern is stopping'));
    expect(clock.pending()).toBe(0);
  });
});
