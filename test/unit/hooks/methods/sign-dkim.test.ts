import { describe, expect, it } from 'vitest';
import { KeyRing } from '../../../../src/checks/signatures/signing-key.js';
import { signDkimMethod } from '../../../../src/hooks/methods/sign-dkim.js';
import { parseHeader } from '../../../../src/message/header-block.js';
import { call, type Loose, loosePolicy, openBench } from '../../../helpers/policy-bench.js';
import { ED25519, RSA, signingKey } from '../../../helpers/signing-keys.js';

const RSA_KEY = signingKey(RSA, 'example.org', 'rsa');
const ED_KEY = signingKey(ED25519, 'example.org', 'ed');
const OTHER = signingKey(ED25519, 'example.net', 'n');
const ring = new KeyRing([RSA_KEY, ED_KEY, OTHER]);
const methods = { signDKIM: signDkimMethod({ signingKeys: () => ring }) };

const FROM = 'From: ann@mail.example.org\r\n';

async function run(handler: (ctx: Loose) => unknown, header = FROM, event = 'onDataReceived' as const) {
  const bench = openBench(loosePolicy({ name: 'p', [event]: handler }), { methods });
  const { header: headers } = parseHeader(Buffer.from(header));
  const outcome = await bench.run(event, {}, { headers, recipients: [] });
  return { bench, outcome };
}

async function asked(header: string, ...args: readonly unknown[]) {
  let answer: unknown;
  const { outcome } = await run((ctx) => {
    answer = call(ctx, 'signDKIM', ...args);
  }, header);
  return {
    answer,
    failure: outcome.failure?.message,
    keys: outcome.signWith.map(({ selector }) => selector),
  };
}

describe('signDKIM', () => {
  it('marks the message with all keys of the nearest domain above its author', async () => {
    expect(await asked(FROM)).toEqual({
      answer: { status: 'signed', domain: 'example.org', selectors: ['rsa', 'ed'], explanation: '' },
      failure: undefined,
      keys: ['rsa', 'ed'],
    });
  });

  it.each([
    [{ selector: 'ed' }, ['ed']],
    [{ domain: 'Example.net' }, ['n']],
    [{ domain: 'example.org', selector: 'rsa' }, ['rsa']],
    [{}, ['rsa', 'ed']],
  ])('takes %j', async (wish, keys) => {
    const done = await asked(FROM, wish);
    expect(done).toMatchObject({ answer: { status: 'signed', selectors: keys }, keys });
  });

  it.each([
    [{ domain: 'mail.example.org' }, 'mail.example.org'],
    [{ selector: 'n' }, 'mail.example.org'],
    [{ domain: 'example.com' }, 'example.com'],
  ])('has no key for %j', async (wish, domain) => {
    const done = await asked(FROM, wish);
    expect(done).toMatchObject({ answer: { status: 'noKey', domain, selectors: [] }, keys: [] });
  });

  it.each([
    ['Subject: x\r\n', {}],
    [FROM + FROM, {}],
    [FROM + FROM, { domain: 'example.org' }],
    ['From: nobody\r\n', {}],
    ['From: a@example.org, b@example.net\r\n', {}],
  ])('cannot sign %j with %j', async (header, wish) => {
    const { answer, keys } = await asked(header, wish);
    expect(answer).toMatchObject({ status: 'notPossible', explanation: expect.any(String) as string });
    expect(keys).toEqual([]);
  });

  it('signs for a domain of ours what has no author domain', async () => {
    expect(await asked('From: nobody\r\n', { domain: 'example.net' })).toMatchObject({ keys: ['n'] });
  });

  it.each([
    ['example.org', 'expected { domain, selector }'],
    [null, 'expected { domain, selector }'],
    [{ domian: 'example.org' }, '"domian" is neither domain nor selector'],
    [{ domain: 1 }, 'domain and selector are texts'],
    [{ selector: '' }, 'domain and selector are texts'],
  ])('takes %j for misuse', async (wish, message) => {
    expect((await asked(FROM, wish)).failure).toBe(`signDKIM in onDataReceived: ${message}`);
  });

  it('is undone when the handler fails', async () => {
    const { outcome } = await run((ctx) => {
      call(ctx, 'signDKIM');
      throw new Error('after all');
    });
    expect(outcome.failure?.message).toContain('after all');
    expect(outcome.signWith).toEqual([]);
  });

  it('stands in the trace', async () => {
    const { bench } = await run((ctx) => call(ctx, 'signDKIM', { selector: 'ed' }));
    bench.session.close('client');
    expect(bench.handler().edits).toEqual(['sign for example.org with ed']);
  });

  it('finds no key where there are none', async () => {
    const bench = openBench(
      loosePolicy({
        name: 'p',
        onHeadersReceived: (ctx: Loose) => {
          expect(call(ctx, 'signDKIM')).toMatchObject({ status: 'noKey' });
        },
      }),
      { methods: { signDKIM: signDkimMethod({}) } },
    );
    const { header } = parseHeader(Buffer.from(FROM));
    expect((await bench.run('onHeadersReceived', {}, { headers: header })).failure).toBeUndefined();
  });
});
