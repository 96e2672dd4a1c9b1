import { describe, expect, it } from 'vitest';
import { formatDate, parseDate } from '../../../src/message/date.js';
import { parseHeader } from '../../../src/message/header-block.js';
import { countReceived, formatReceived } from '../../../src/message/received.js';

const FACTS = {
  ehloHost: 'client.example',
  remoteIp: '192.0.2.1',
  hostname: 'mx.example',
  protocol: 'ESMTP',
  id: '0m7c3k9qab1x-1',
  recipient: 'a@example.com',
  at: Date.UTC(2026, 10, 21, 7, 22, 17),
};

describe('Received', () => {
  it('is one field that says who, where, how and when', () => {
    expect(formatReceived(FACTS).toString().replaceAll('\r\n ', ' ')).toBe(
      'Received: from client.example ([192.0.2.1]) by mx.example (Postern) with ESMTP' +
        ' id 0m7c3k9qab1x-1 for <a@example.com>; Sat, 21 Nov 2026 07:22:17 +0000\r\n',
    );
  });

  it('cannot be forged from the EHLO argument', () => {
    const text = formatReceived({ ...FACTS, ehloHost: 'x) by evil; id 1\r\nBcc: y' }).toString();
    expect(text.match(/\r\n(?! )/g)).toHaveLength(1);
    expect(text.match(/;/g)).toHaveLength(1);
  });

  it('is counted', () => {
    const { header } = parseHeader(Buffer.from('Received: a\r\nRECEIVED: b\r\nX-Received: c\r\n'));
    expect(countReceived(header)).toBe(2);
  });
});

describe('dates', () => {
  it('reads what it writes', () => {
    expect(parseDate(formatDate(FACTS.at))).toBe(FACTS.at);
  });

  it.each([
    ['Sat, 21 Nov 2026 08:22:17 +0100', FACTS.at],
    ['21 Nov 26 07:22:17 GMT', FACTS.at],
    ['Sat, 21 Nov 2026 02:22:17 EST', FACTS.at],
    ['Sat, 21 Nov 2026 07:22 +0000', FACTS.at - 17_000],
  ])('reads %s', (text, at) => {
    expect(parseDate(text)).toBe(at);
  });

  it.each(['', 'tomorrow', '32 Nov 2026 00:00:00 +0000', '1 Foo 2026 00:00:00 +0000'])(
    'refuses %j',
    (text) => {
      expect(parseDate(text)).toBeUndefined();
    },
  );
});
