import { describe, expect, it } from 'vitest';
import { formatReply, isSuccess, isTemporary, reply } from '../../../src/smtp/reply.js';

const lines = (text: string): string[] => text.split('\r\n').slice(0, -1);

describe('reply', () => {
  it('takes one text or several', () => {
    expect(reply(250, '2.1.0', 'ok').text).toEqual(['ok']);
    expect(reply(250, '', ['a', 'b']).text).toEqual(['a', 'b']);
  });

  it('closes after 421 unless told otherwise, and after nothing else unless told', () => {
    expect(reply(421, '4.3.2', 'bye').close).toBe(true);
    expect(reply(421, '4.3.2', 'bye', { close: false }).close).toBe(false);
    expect(reply(554, '5.7.1', 'no').close).toBe(false);
    expect(reply(554, '5.7.1', 'no', { close: true }).close).toBe(true);
  });

  it('knows success, temporary and permanent', () => {
    const judge = (code: number): boolean[] => [
      isSuccess(reply(code, '', '')),
      isTemporary(reply(code, '', '')),
    ];
    expect(judge(250)).toEqual([true, false]);
    expect(judge(354)).toEqual([true, false]);
    expect(judge(451)).toEqual([false, true]);
    expect(judge(550)).toEqual([false, false]);
  });
});

describe('formatReply', () => {
  it('writes one line', () => {
    expect(formatReply(reply(250, '2.1.5', 'Recipient ok'))).toBe('250 2.1.5 Recipient ok\r\n');
    expect(formatReply(reply(220, '', 'mx.example.org ESMTP'))).toBe('220 mx.example.org ESMTP\r\n');
  });

  it('marks all lines but the last, with the enhanced code on each', () => {
    expect(formatReply(reply(550, '5.7.1', ['one', 'two']))).toBe('550-5.7.1 one\r\n550 5.7.1 two\r\n');
  });

  it('writes a line also for no text at all', () => {
    expect(formatReply(reply(250, '', []))).toBe('250 \r\n');
  });

  it.each(['\r\n', '\r', '\n'])(
    'makes a line of its own after %j, so that no text can forge a reply',
    (end) => {
      expect(formatReply(reply(550, '5.7.1', `no${end}250 2.0.0 ok`))).toBe(
        '550-5.7.1 no\r\n550 5.7.1 250 2.0.0 ok\r\n',
      );
    },
  );

  it('shows nothing but printable ASCII', () => {
    expect(formatReply(reply(550, '', 'a\u0000\u0007b\tc\u007fd'))).toBe('550 a b c d\r\n');
    expect(formatReply(reply(550, '', 'Grüße 📮'))).toBe('550 Gr??e ?\r\n');
  });

  it('keeps every line within 512 octets and loses no word', () => {
    const words = Array.from({ length: 400 }, (_, i) => `word${i}`);
    const out = lines(formatReply(reply(550, '5.7.1', words.join(' '))));
    for (const line of out) expect(line.length + 2).toBeLessThanOrEqual(512);
    expect(out.flatMap((line) => line.slice('550-5.7.1 '.length).split(' '))).toEqual(words);
  });

  it('cuts a word that has no room', () => {
    const out = lines(formatReply(reply(550, '', 'x'.repeat(2000))));
    for (const line of out) expect(line.length + 2).toBeLessThanOrEqual(512);
    expect(out.map((line) => line.slice(4)).join('')).toBe('x'.repeat(2000));
  });
});
