import { describe, expect, it } from 'vitest';
import { formatDate, parseDate } from '../../../src/message/date.js';
import { parseHeader } from '../../../src/message/header-block.js';
import {
  countReceived,
  formatReceived,
  type Transmission,
  transmissionType,
} from '../../../src/message/received.js';

const PLAIN: Transmission = { lmtp: false, extended: true, utf8: false, secure: false, authenticated: false };
const FACTS = {
  ehloHost: 'client.example',
  remoteName: '',
  remoteIp: '192.0.2.1',
  hostname: 'mx.example',
  transmission: PLAIN,
  tls: undefined,
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

  it('tells of the encryption, and the name that somebody trusted told', () => {
    const tls = { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384' };
    const text = formatReceived({
      ...FACTS,
      tls,
      remoteName: 'out.client.example',
      transmission: { ...PLAIN, secure: true, authenticated: true },
    }).toString();
    expect(text.replaceAll('\r\n ', ' ')).toBe(
      'Received: from client.example (out.client.example [192.0.2.1]) by mx.example (Postern)' +
        ' with ESMTPSA id 0m7c3k9qab1x-1 for <a@example.com>' +
        ' tls TLS_AES_256_GCM_SHA384 (TLSv1.3); Sat, 21 Nov 2026 07:22:17 +0000\r\n',
    );
    expect(Math.max(...text.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(78);
  });

  it.each(['jörg@example.com', '"a> with SMTP"@example.com', '"a b"@example.com'])(
    'leaves out a recipient that it could not write as it is: %s',
    (recipient) => {
      expect(formatReceived({ ...FACTS, recipient }).toString()).not.toContain(' for ');
    },
  );

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

describe('transmission types', () => {
  it.each<[string, Partial<Transmission>]>([
    ['SMTP', { extended: false }],
    ['SMTP', { extended: false, secure: true }],
    ['ESMTP', {}],
    ['ESMTPA', { authenticated: true }],
    ['ESMTPS', { secure: true }],
    ['ESMTPSA', { secure: true, authenticated: true }],
    ['LMTP', { lmtp: true }],
    ['LMTPSA', { lmtp: true, secure: true, authenticated: true }],
    ['UTF8SMTP', { utf8: true }],
    ['UTF8SMTPSA', { utf8: true, secure: true, authenticated: true }],
    ['UTF8LMTPS', { utf8: true, lmtp: true, secure: true }],
  ])('%s', (name, facts) => {
    expect(transmissionType({ ...PLAIN, ...facts })).toBe(name);
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
