/** ctx.message.parsed(): in onDataReceived only, noted in the trace, never part of the state. */
import { definePolicy } from 'postern/policy';
import { describe, expect, it } from 'vitest';
import { memoryBody } from '../../../src/message/body.js';
import type { ParseOutcome } from '../../../src/message/mime/parsed-message.js';
import { loosePolicy, openBench } from '../../helpers/policy-bench.js';

const PARSED: ParseOutcome = {
  status: 'parsed',
  message: {
    subject: 'hello',
    from: ['a@example.org'],
    to: [],
    cc: [],
    messageId: '',
    text: 'a long private text',
    html: '',
    attachments: [{ filename: 'x.exe', contentType: 'a/b', disposition: '', size: 1, sha256: '' }],
  },
};

const WHOLE = {
  header: () => Buffer.from('Subject: hello\r\n\r\n'),
  body: () => Promise.resolve(memoryBody(Buffer.from('text'))),
  sender: 'ann@example.org',
  verify: () => Promise.reject(new Error('nobody asks for signatures here')),
};

const blocker = definePolicy({
  name: 'attachments',
  message: () => ({ names: '' }),
  async onDataReceived(ctx) {
    const outcome = await ctx.message.parsed();
    if (outcome.status === 'unparsable') {
      ctx.smtpAction = 'tmpreject';
      return;
    }
    ctx.message.names = outcome.message.attachments.map((one) => one.filename).join(' ');
    if (ctx.message.names.endsWith('.exe')) ctx.smtpAction = 'reject';
  },
});

describe('ctx.message.parsed', () => {
  it('gives the policy what the parser found', async () => {
    const bench = openBench(blocker, { mime: { parse: () => Promise.resolve(PARSED) } });
    expect((await bench.run('onDataReceived', {}, { message: WHOLE })).action).toBe('reject');
    expect(bench.session.messageState()).toEqual({ attachments: { names: 'x.exe' } });
    expect(JSON.stringify(bench.session.messageState())).toBe('{"attachments":{"names":"x.exe"}}');
  });

  it('hands the parser the octets as they would be stored', async () => {
    const asked: string[] = [];
    const mime = {
      parse: (header: Buffer) => {
        asked.push(header.toString());
        return Promise.resolve(PARSED);
      },
    };
    await openBench(blocker, { mime }).run('onDataReceived', {}, { message: WHOLE });
    expect(asked).toEqual(['Subject: hello\r\n\r\n']);
  });

  it('keeps the text of the message out of the trace', async () => {
    const bench = openBench(blocker, { mime: { parse: () => Promise.resolve(PARSED) } });
    await bench.run('onDataReceived', {}, { message: WHOLE });
    bench.session.close('quit');
    expect(JSON.stringify(bench.traces)).not.toContain('private');
    expect(bench.handler().calls).toMatchObject([
      { method: 'message.parsed', result: { status: 'parsed', subject: 'hello' } },
    ]);
  });

  it('is unparsable as a value', async () => {
    const bench = openBench(blocker);
    expect((await bench.run('onDataReceived', {}, { message: WHOLE })).action).toBe('tmpreject');
  });

  it('does not exist where there is no whole message', async () => {
    const policy = loosePolicy({
      name: 'early',
      onMailFrom: (ctx: { message: { parsed: () => unknown } }) => ctx.message.parsed(),
    });
    const outcome = await openBench(policy).run('onMailFrom');
    expect(outcome.failure).toMatchObject({ code: 'ERR_POLICY_THREW' });
  });

  it('leaves alone a field of that name that a handler has written', async () => {
    const policy = loosePolicy({
      name: 'own',
      onMailFrom: (ctx: { message: { parsed: unknown } }) => {
        ctx.message.parsed = 'mine';
      },
      onDataReceived: (ctx: { message: { parsed: unknown } }) => {
        expect(ctx.message.parsed).toBe('mine');
      },
    });
    const bench = openBench(policy);
    await bench.run('onMailFrom');
    expect((await bench.run('onDataReceived', {}, { message: WHOLE })).failure).toBeUndefined();
    expect(bench.session.messageState()).toEqual({ own: { parsed: 'mine' } });
  });
});
