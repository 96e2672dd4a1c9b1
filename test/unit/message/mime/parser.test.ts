/** Real parser thread, from dist: what policies get, and that hostile messages are only a value. */
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../../src/core/clock.js';
import { memoryBody } from '../../../../src/message/body.js';
import { createMimeParser, type MimeParser } from '../../../../src/message/mime/parser.js';
import type { ParseOutcome } from '../../../../src/message/mime/parsed-message.js';

const open: MimeParser[] = [];

function parser(options: { deadlineMs?: number; largest?: number } = {}): MimeParser {
  const made = createMimeParser({ clock: systemClock, ...options });
  open.push(made);
  return made;
}

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const never = new AbortController().signal;

function lines(...text: string[]): Buffer {
  return Buffer.from(text.map((line) => `${line}\r\n`).join(''));
}

const HEADER = lines(
  'From: A <a@example.org>, Group: b@example.org, c@example.org;',
  'To: you@example.com',
  'Subject: =?utf-8?q?caf=C3=A9?=',
  'Message-ID: <1@example.org>',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
);
const BODY = lines(
  '--b',
  'Content-Type: text/plain; charset=utf-8',
  '',
  'Hello',
  '--b',
  'Content-Type: Application/X-MSDownload; name="setup.exe"',
  'Content-Disposition: attachment; filename="setup.exe"',
  'Content-Transfer-Encoding: base64',
  '',
  'TVqQAAMAAAAEAAAA',
  '--b--',
);

describe('createMimeParser', () => {
  it('gives addresses, text and attachments', async () => {
    const outcome = await parser().parse(HEADER, memoryBody(BODY), never);
    expect(outcome).toEqual({
      status: 'parsed',
      message: {
        subject: 'café',
        from: ['a@example.org', 'b@example.org', 'c@example.org'],
        to: ['you@example.com'],
        cc: [],
        messageId: '<1@example.org>',
        text: 'Hello',
        html: '',
        attachments: [
          {
            filename: 'setup.exe',
            contentType: 'application/x-msdownload',
            disposition: 'attachment',
            size: 12,
            sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
          },
        ],
      },
    } satisfies ParseOutcome);
  });

  it('parses a message without any header', async () => {
    const outcome = await parser().parse(lines(''), memoryBody(lines('only text')), never);
    expect(outcome).toMatchObject({ status: 'parsed', message: { subject: '', attachments: [] } });
  });

  it('does not parse what is too large', async () => {
    const outcome = await parser({ largest: 10 }).parse(HEADER, memoryBody(BODY), never);
    expect(outcome).toEqual({ status: 'unparsable', reason: 'the message is too large to be parsed' });
  });

  it('gives up at the deadline and parses the next message', async () => {
    const slow = parser({ deadlineMs: 1 });
    const parts = Array.from({ length: 900 }, (_, i) => `--b\r\nContent-Type: x/y; name=${i}\r\n\r\nz`).join(
      '\r\n',
    );
    const huge = memoryBody(Buffer.from(`${parts}\r\n--b--\r\n`));
    expect(await slow.parse(HEADER, huge, never)).toEqual({
      status: 'unparsable',
      reason: 'parsing took too long',
    });
    expect(await parser().parse(HEADER, memoryBody(BODY), never)).toMatchObject({ status: 'parsed' });
  });

  it('takes too many attachments for a reason, not for an error', async () => {
    const parts = Array.from({ length: 1100 }, () => '--b\r\nContent-Type: x/y; name=z\r\n\r\nz').join(
      '\r\n',
    );
    const outcome = await parser().parse(HEADER, memoryBody(Buffer.from(`${parts}\r\n--b--\r\n`)), never);
    expect(outcome).toEqual({ status: 'unparsable', reason: 'too many attachments' });
  });

  const HIDDEN = lines('Content-Disposition: attachment; filename=setup.exe', '', 'MZ');
  const nested = (depth: number): Buffer => {
    let body = '';
    for (let i = 0; i < depth; i += 1)
      body += `--b${i}\r\nContent-Type: multipart/mixed; boundary=b${i + 1}\r\n\r\n`;
    return Buffer.concat([lines(`${body}--b${depth}`), HIDDEN, lines(`--b${depth}--`)]);
  };
  const NESTED_HEADER = lines('Content-Type: multipart/mixed; boundary=b0', '');

  it('finds what lies 300 parts deep', async () => {
    const outcome = await parser().parse(NESTED_HEADER, memoryBody(nested(300)), never);
    expect(outcome).toMatchObject({ message: { attachments: [{ filename: 'setup.exe' }] } });
  });

  it('never calls a message parsed of which it has seen the first thousand parts only', async () => {
    const one = parser();
    const exceeded = { status: 'unparsable', reason: 'Max allowed child nodes exceeded' };
    expect(await one.parse(NESTED_HEADER, memoryBody(nested(3000)), never)).toEqual(exceeded);
    const wide = Buffer.concat([
      lines('--b\r\nContent-Type: text/plain\r\n\r\ntext'.concat('\r\n').repeat(1500).concat('--b')),
      HIDDEN,
      lines('--b--'),
    ]);
    expect(await one.parse(HEADER, memoryBody(wide), never)).toEqual(exceeded);
    expect(await one.parse(HEADER, memoryBody(BODY), never)).toMatchObject({ status: 'parsed' });
  });

  it('does not wait for the end of an attached message that has none', async () => {
    const header = lines('Content-Type: message/rfc822', 'Content-Disposition: inline');
    const outcome = await parser().parse(header, memoryBody(Buffer.alloc(0)), never);
    expect(outcome).toEqual({ status: 'unparsable', reason: 'the parser does not come to an end' });
  });

  it('stops when the client has gone', async () => {
    const gone = AbortSignal.abort();
    const outcome = await parser().parse(HEADER, memoryBody(BODY), gone);
    expect(outcome).toEqual({ status: 'unparsable', reason: 'the client has gone' });
  });
});
