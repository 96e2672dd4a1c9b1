/** The methods that change the header and the recipients: what they stage, and what they refuse. */
import { describe, expect, it } from 'vitest';
import type { HeaderAccess, HeaderEdit } from '../../../../src/hooks/ports.js';
import { parseHeader } from '../../../../src/message/header-block.js';
import { type Bench, call, type Loose, loosePolicy, openBench } from '../../../helpers/policy-bench.js';

function recording(edits: HeaderEdit[] = []): HeaderAccess {
  return {
    get: () => undefined,
    getAll: () => [],
    entries: () => [],
    apply(edit) {
      edits.push(edit);
      return recording(edits);
    },
  };
}

interface Edited {
  readonly edits: readonly HeaderEdit[];
  readonly recipients: readonly string[] | undefined;
  readonly failure: string | undefined;
  readonly bench: Bench;
}

async function edited(
  act: (ctx: Loose) => void,
  recipients: readonly string[] = ['a@example.org'],
): Promise<Edited> {
  const edits: HeaderEdit[] = [];
  const bench = openBench(loosePolicy({ name: 'p', onHeadersReceived: act }));
  const outcome = await bench.run('onHeadersReceived', {}, { headers: recording(edits), recipients });
  return { edits, recipients: outcome.recipients, failure: outcome.failure?.message, bench };
}

const SETTING = ['addHeader', 'addIfNotExistsHeader', 'modifyHeader', 'modifyIfExistsHeader'];
const REMOVING = ['removeFirstHeader', 'removeHeader'];

describe('header methods', () => {
  it('stage their edits in the order of the calls and note them', async () => {
    const { edits, bench } = await edited((ctx) => {
      call(ctx, 'addHeader', 'X-A', '1');
      call(ctx, 'addIfNotExistsHeader', 'X-B', '2');
      call(ctx, 'modifyHeader', 'X-C', '3');
      call(ctx, 'modifyIfExistsHeader', 'X-D', '4');
      call(ctx, 'removeFirstHeader', 'X-E');
      call(ctx, 'removeHeader', 'X-F');
    });
    expect(edits).toEqual([
      { kind: 'add', name: 'X-A', value: '1' },
      { kind: 'addIfNotExists', name: 'X-B', value: '2' },
      { kind: 'modify', name: 'X-C', value: '3' },
      { kind: 'modifyIfExists', name: 'X-D', value: '4' },
      { kind: 'removeFirst', name: 'X-E' },
      { kind: 'remove', name: 'X-F' },
    ]);
    bench.session.close('quit');
    expect(bench.handler().edits).toEqual([
      'add X-A: 1',
      'addIfNotExists X-B: 2',
      'modify X-C: 3',
      'modifyIfExists X-D: 4',
      'removeFirst X-E',
      'remove X-F',
    ]);
  });

  it.each([...SETTING, ...REMOVING])('%s refuses a name that is none or forges a field', async (method) => {
    for (const name of [
      '',
      'X-A:',
      'X-A: b\r\nX-Evil',
      'X A',
      'X-A\r\n',
      'X-Ä',
      'X\0',
      'x'.repeat(998),
      5,
      undefined,
    ]) {
      const { edits, failure } = await edited((ctx) => call(ctx, method, name, 'v'));
      expect([name, edits]).toEqual([name, []]);
      expect(failure).toContain(`${method} in onHeadersReceived: `);
      expect(failure).toContain('is no header name (1 to 997 printable ASCII characters, no colon)');
    }
  });

  it.each(SETTING)('%s refuses a value that forges a field', async (method) => {
    for (const value of ['a\r\nX-Evil: 1', 'a\nb', 'a\r', '\0']) {
      const { edits, failure } = await edited((ctx) => call(ctx, method, 'X-A', value));
      expect([value, edits]).toEqual([value, []]);
      expect(failure).toBe(`${method} in onHeadersReceived: headerValue holds a line end or NUL`);
    }
    expect((await edited((ctx) => call(ctx, method, 'X-A', 5))).failure).toContain(
      'headerValue takes a text, not number',
    );
    expect((await edited((ctx) => call(ctx, method, 'X-A'))).failure).toContain('not undefined');
    expect((await edited((ctx) => call(ctx, method, 'X-A', 'v'.repeat(262_145)))).failure).toContain(
      'headerValue is longer than 262144 characters',
    );
    expect((await edited((ctx) => call(ctx, method, 'X-A', 'v'.repeat(262_144)))).edits).toHaveLength(1);
  });

  it('take any other text for a value', async () => {
    const { edits } = await edited((ctx) => call(ctx, 'addHeader', 'X-A', 'früh: %x% "\t"'));
    expect(edits).toEqual([{ kind: 'add', name: 'X-A', value: 'früh: %x% "\t"' }]);
  });

  it('can change whatever header a client may send', async () => {
    const name = 'N'.repeat(200);
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onHeadersReceived(ctx: Loose) {
          for (const [known, value] of (ctx['headers'] as HeaderAccess).entries()) {
            call(ctx, 'modifyHeader', known, `[${value}]`);
          }
        },
      }),
    );
    const { header } = parseHeader(Buffer.from(`${name}: ${'long '.repeat(20_000)}\r\n`));
    const outcome = await bench.run('onHeadersReceived', {}, { headers: header, recipients: [] });
    expect(outcome.failure).toBeUndefined();
    expect(outcome.headers?.get(name)).toMatch(/^\[long .* long\]$/);
    bench.session.close('quit');
    // The trace tells which edit it was, and is no copy of the message.
    expect(bench.handler().edits[0]?.length).toBeLessThan(500);
  });

  it('are seen by the handler at once', async () => {
    const blocks: unknown[] = [];
    await edited((ctx) => {
      blocks.push(ctx['headers']);
      call(ctx, 'addHeader', 'X-A', '1');
      blocks.push(ctx['headers']);
    });
    expect(blocks[0]).not.toBe(blocks[1]);
  });
});

describe('recipient methods', () => {
  it('add and discard, each address once and in any letter case', async () => {
    const { recipients, bench } = await edited(
      (ctx) => {
        call(ctx, 'addRcpt', 'c@example.org');
        call(ctx, 'addRcpt', 'C@EXAMPLE.org');
        call(ctx, 'addRcpt', 'a@example.org');
        call(ctx, 'discardRcpt', 'B@example.org');
        call(ctx, 'discardRcpt', 'nobody@example.org');
        expect(ctx['recipients']).toEqual(['a@example.org', 'c@example.org']);
      },
      ['a@example.org', 'b@example.org'],
    );
    expect(recipients).toEqual(['a@example.org', 'c@example.org']);
    bench.session.close('quit');
    expect(bench.handler().edits).toEqual(['addRcpt c@example.org', 'discardRcpt B@example.org']);
  });

  it('do not change the list that the engine lent', async () => {
    const lent = Object.freeze(['a@example.org']);
    const { recipients } = await edited((ctx) => call(ctx, 'addRcpt', 'b@example.org'), lent);
    expect(lent).toEqual(['a@example.org']);
    expect(recipients).toEqual(['a@example.org', 'b@example.org']);
  });

  it.each(['addRcpt', 'discardRcpt'])('%s refuses what no client could have sent', async (method) => {
    const wrong = [
      '',
      'nobody',
      '@example.org',
      '<a@example.org>',
      'a@example.org> SIZE=1',
      'a@example.org\r\nDATA',
      'a b@example.org',
      'a@exa mple.org',
      'a@example.org\0',
      'a@example.org>,<b@example.org',
    ];
    for (const address of wrong) {
      const { recipients, failure } = await edited((ctx) => call(ctx, method, address));
      expect([address, recipients]).toEqual([address, ['a@example.org']]);
      expect(failure).toContain(`${method} in onHeadersReceived: `);
      expect(failure).toContain('is no mailbox address');
    }
    expect((await edited((ctx) => call(ctx, method, 5))).failure).toContain(
      'rcptAddress takes a text, not number',
    );
  });
});
