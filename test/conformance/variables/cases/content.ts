/** The content: pieces of body, the header methods, and the parsed message. */
import { expect } from 'vitest';
import { asSent } from '../../../helpers/as-sent.js';
import { eventually } from '../../../helpers/eventually.js';
import { MESSAGE, sayContent, sayUpTo, startWire } from '../../../helpers/policy-wire.js';
import type { ParseOutcome } from '../../../../src/policy.js';
import { call, type Case, policyOf } from '../case.js';

const HEADER_METHODS = [
  'addHeader',
  'addIfNotExistsHeader',
  'removeFirstHeader',
  'removeHeader',
  'modifyHeader',
  'modifyIfExistsHeader',
] as const;

const CONTENT = [
  'Received: from a.test by b.test; Sat, 21 Nov 2026 07:22:17 +0000',
  'X-Twice:  one ',
  'Subject: a',
  '\tfolded   subject',
  ' \xc3\xa4 with 8 bits',
  'x-twice: two',
  'X-Empty:',
  'DATE : strange',
  'X-Once: old',
  '',
  'body \xe4',
  '',
].join('\r\n');

const EDITED = [
  'Received: from a.test by b.test; Sat, 21 Nov 2026 07:22:17 +0000',
  'Subject: a',
  '\tfolded   subject',
  ' \xc3\xa4 with 8 bits',
  'x-twice: two',
  'Date: today',
  'X-Once: new',
  'X-Added: 1',
  'X-Added: 2',
  'X-Absent: there',
  '',
  'body \xe4',
  '',
].join('\r\n');

/** The parser's answer, told as one line. */
async function shape(parsed: () => Promise<ParseOutcome>): Promise<string> {
  const outcome = await parsed();
  if (outcome.status === 'unparsable') return `unparsable ${outcome.reason}`;
  const { subject, attachments } = outcome.message;
  return `parsed ${subject} ${attachments.map(({ filename, size }) => `${filename}:${size}`).join(',')}`;
}

const PART = 'Content-Type: a/b; name=x.exe\r\nContent-Disposition: attachment; filename=x.exe\r\n\r\nMZ\r\n';

export const CASES: readonly Case[] = [
  {
    title: 'onBodyChunk sees every piece, and what it says holds for the message',
    proves: [],
    async run() {
      const seen: Buffer[] = [];
      const wire = await startWire(
        policyOf('chunks', {
          onBodyChunk(ctx) {
            seen.push(Buffer.from(ctx['chunk'] as Buffer));
          },
        }),
      );
      const body = Array.from({ length: 3000 }, (_, i) => `${i} ${'x'.repeat(60)}\r\n`).join('');
      await sayUpTo(await wire.client(), 'onDataReceived', { content: `Subject: long\r\n\r\n${body}` });
      expect(Buffer.concat(seen).toString('latin1')).toBe(body);
      expect(seen.length).toBeGreaterThan(1);
      for (const piece of seen.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(16_384);
    },
  },
  {
    title: 'onBodyChunk costs nothing where no policy has it: the event does not run at all',
    proves: [],
    async run() {
      const wire = await startWire(policyOf('other', { onDataReceived: () => undefined }));
      const ran: string[] = [];
      wire.engine.on('policy.ran', ({ event }) => ran.push(event));
      const reply = await sayUpTo(await wire.client(), 'onDataReceived', {
        content: `A: b\r\n\r\n${'x\r\n'.repeat(50_000)}`,
      });
      const [, id = ''] = /queued as (\S+)/.exec(reply.lines[0] ?? '') ?? [];
      const trace = await eventually('the trace', () => wire.engine.explain(id));
      expect(trace.join('\n')).toContain('onDataReceived');
      expect(trace.join('\n')).not.toContain('onBodyChunk');
      expect(ran).not.toContain('onBodyChunk');
    },
  },
  {
    title: 'the header methods change what they name and keep every other octet',
    proves: HEADER_METHODS.map((name) => `onHeadersReceived.${name}()` as const),
    async run() {
      const wire = await startWire(
        policyOf('editing', {
          onHeadersReceived(ctx) {
            call(ctx, 'addHeader', 'X-Added', '1');
            call(ctx, 'addHeader', 'X-Added', '2');
            call(ctx, 'addIfNotExistsHeader', 'x-added', '3');
            call(ctx, 'addIfNotExistsHeader', 'X-Absent', 'there');
            call(ctx, 'removeFirstHeader', 'X-TWICE');
            call(ctx, 'removeHeader', 'x-empty');
            call(ctx, 'modifyHeader', 'Date', 'today');
            call(ctx, 'modifyIfExistsHeader', 'X-Once', 'new');
            call(ctx, 'modifyIfExistsHeader', 'X-Nowhere', 'no');
          },
        }),
      );
      await sayUpTo(await wire.client(), 'onDataReceived', { content: CONTENT });
      expect(asSent(await wire.stored('b@example.com'))).toBe(EDITED);
    },
  },
  {
    title: 'a message that nobody edits is stored octet for octet',
    proves: [],
    async run() {
      const wire = await startWire(policyOf('reading', { onHeadersReceived: (ctx) => ctx['headers'] }));
      await sayUpTo(await wire.client(), 'onDataReceived', { content: CONTENT });
      expect(asSent(await wire.stored('b@example.com'))).toBe(CONTENT);
    },
  },
  {
    title: 'ctx.message.parsed() shows parts of any depth, and calls unparsable what it could not see whole',
    proves: [],
    async run() {
      const wire = await startWire(
        policyOf('parsing', {
          async onDataReceived(ctx) {
            ctx['smtpAction'] = 'reject';
            ctx['smtpExplanation'] = await shape(ctx.message['parsed'] as () => Promise<ParseOutcome>);
          },
        }),
      );
      const peer = await wire.client();
      await peer.reply();
      await peer.say('EHLO c.test');
      const answerTo = async (body: string): Promise<string | undefined> => {
        await sayUpTo(peer, 'onRcptTo', {}, 'onMailFrom');
        const head =
          'Subject: hidden\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n';
        const reply = await sayContent(peer, `${head}${body}`);
        await peer.say('RSET');
        return reply.lines[0];
      };
      const deep = (depth: number): string => {
        let open = '';
        for (let i = 0; i < depth; i += 1)
          open += `--b${i}\r\nContent-Type: multipart/mixed; boundary=b${i + 1}\r\n\r\n`;
        return `${open}--b${depth}\r\n${PART}--b${depth}--\r\n`;
      };
      const wide = (count: number): string =>
        `${'--b0\r\nContent-Type: text/plain\r\n\r\ntext\r\n'.repeat(count)}--b0\r\n${PART}--b0--\r\n`;
      expect(await answerTo(`--b0\r\n${PART}--b0--\r\n`)).toContain(' parsed hidden x.exe:2 ');
      expect(await answerTo(deep(200))).toContain(' parsed hidden x.exe:2 ');
      expect(await answerTo(wide(200))).toContain(' parsed hidden x.exe:2 ');
      expect(await answerTo(deep(2000))).toContain(' unparsable ');
      expect(await answerTo(wide(2000))).toContain(' unparsable ');
    },
  },
  {
    title: 'ctx.message.parsed() reads a message that lies in a file, with the edits of its header',
    proves: [],
    async run() {
      const wire = await startWire(
        policyOf('parsing', {
          onHeadersReceived: (ctx) => call(ctx, 'modifyHeader', 'Subject', 'edited'),
          async onDataReceived(ctx) {
            ctx['smtpAction'] = 'reject';
            ctx['smtpExplanation'] = await shape(ctx.message['parsed'] as () => Promise<ParseOutcome>);
          },
        }),
      );
      const content = `${MESSAGE}${'long line of a large message\r\n'.repeat(20_000)}`;
      const reply = await sayUpTo(await wire.client(), 'onDataReceived', { content });
      expect(reply.lines[0]).toContain(' parsed edited ');
    },
  },
];
