/** Whole messages of all kinds through the real parser thread: an answer in plain values, always. */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.js';
import { memoryBody } from '../../src/message/body.js';
import { createMimeParser } from '../../src/message/mime/parser.js';

const parser = createMimeParser({ clock: systemClock });
afterAll(() => parser.close());

const never = new AbortController().signal;

const PIECES = [
  'Content-Type: multipart/mixed; boundary=b\r\n',
  'Content-Type: multipart/alternative; boundary="b"; boundary*0=c\r\n',
  'Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n',
  'Content-Type: text/html; charset=iso-2022-jp\r\n',
  'Content-Type: text/plain; charset=no-such; format=flowed; delsp=yes\r\n',
  "Content-Type: application/octet-stream; name*=utf-8''%ff%\r\n",
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'Content-Disposition: attachment; filename="=?utf-8?b?////?="\r\n',
  'From: "a" <a@b>, group: c@d, ;\r\n',
  'Subject: =?utf-8?q?=ff?= =?x?b?y?=\r\n',
  '\r\n',
  '--b\r\n',
  '--b--\r\n',
  '=3D=\r\n=',
  '<html><b>\r\n',
  'TVqQ====\r\n',
];

const text = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 30 })), {
    maxLength: 25,
  })
  .map((pieces) => Buffer.from(pieces.join('')));

it('is parsed or unparsable', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (header, body) => {
      const outcome = await parser.parse(header, memoryBody(body), never);
      expect(['parsed', 'unparsable']).toContain(outcome.status);
      // Time is for large messages; a small one that takes all of it would keep others waiting.
      if (outcome.status === 'unparsable') expect(outcome.reason).not.toBe('parsing took too long');
      else {
        const { message } = outcome;
        expect([message.subject, message.text, message.html].every((one) => typeof one === 'string')).toBe(
          true,
        );
        for (const { sha256 } of message.attachments) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      }
    }),
    { numRuns: 300 },
  );
});
