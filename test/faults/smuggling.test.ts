/**
 * End-of-data smuggling against the real program: whatever a client writes in place of CRLF dot
 * CRLF, what was one message is one message in the mailbox or none, what is delivered holds no
 * bare CR and no NUL, and the next command gets its own reply (RFC 5321 §2.3.8, §4.1.1.4).
 */
import { expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { startFaultBench } from '../helpers/fault-bench.js';
import { splitMessage } from '../helpers/maildir.js';
import type { SmtpPeer } from '../helpers/smtp-peer.js';

/** Before the true end, with what the message's body becomes where it is accepted as it is. */
const FALSE_ENDS: readonly (readonly [octets: string, cleanBody?: string])[] = [
  ['\n.\n'],
  ['\r.\r'],
  ['\n.\r\n'],
  ['\r\n.\n'],
  ['\r.\r\n'],
  ['\r\n.\r'],
  ['\r\n.\r\r\n'],
  ['\r\r\n.\r\r\n'],
  ['\n\n.\r\n'],
  ['\n\r.\n\r'],
  ['\r\n.\0\r\n'],
  ['\r\n\0.\r\n'],
  ['\0\r\n..\r\n'],
  ['\r\n..\r\n', '\n.\n'],
  ['\r\n...\r\n', '\n..\n'],
  ['\r\n .\r\n', '\n .\n'],
  ['\r\n. \r\n', '\n \n'],
  ['\r\n.\x85\r\n', '\n\x85\n'],
];

const HIDDEN =
  'MAIL FROM:<evil@example.org>\r\nRCPT TO:<victim@example.com>\r\nDATA\r\nSubject: hidden\r\n\r\nhidden\r\n';

/** One message with `end` inside, cut inside of it into two writes; answers the reply's code. */
async function smuggle(peer: SmtpPeer, end: string, cutAt: number): Promise<number> {
  await peer.say('MAIL FROM:<a@example.org>');
  await peer.say('RCPT TO:<b@example.com>');
  expect((await peer.say('DATA')).code).toBe(354);
  const before = 'Subject: outer\r\n\r\nouter';
  const text = `${before}${end}${HIDDEN}.\r\n`;
  peer.raw(text.slice(0, before.length + cutAt));
  peer.raw(text.slice(before.length + cutAt));
  const { code } = await peer.reply();
  // A reply to something hidden would be taken for this one, which nothing else gives.
  expect((await peer.say('VRFY x')).code).toBe(252);
  return code;
}

it.each(['reject', 'normalize'] as const)('false ends of data, lineEnds: %s', async (lineEnds) => {
  const bench = await startFaultBench({ settings: { 'listeners[0].lineEnds': lineEnds } });
  for (const [end, cleanBody] of FALSE_ENDS) {
    for (const cutAt of [0, 1, end.length]) {
      const peer = await bench.client();
      await peer.say('EHLO smuggler.example');
      const before = bench.mail().length;
      const code = await smuggle(peer, end, cutAt);
      expect((await peer.say('QUIT')).code).toBe(221);
      const isTaken = lineEnds === 'normalize' || cleanBody !== undefined;
      expect([end, code]).toEqual([end, isTaken ? 250 : 550]);
      if (!isTaken) continue;
      await eventually('the message', () => bench.mail().length > before);
      expect(bench.mail()).toHaveLength(before + 1);
      for (const text of bench.mail().slice(before)) {
        expect(text).not.toMatch(/[\r\0]/);
        const { body } = splitMessage(text);
        const hidden = HIDDEN.replaceAll('\r\n', '\n');
        if (cleanBody === undefined) expect(body.endsWith(hidden)).toBe(true);
        else expect(body).toBe(`outer${cleanBody}${hidden}`);
      }
    }
  }
  await bench.expectSound();
});
