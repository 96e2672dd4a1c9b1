import { describe, expect, it } from 'vitest';
import {
  createProxyParser,
  PROXY_LINE_OCTETS,
  PROXY_OCTETS,
  type ProxyAnswer,
} from '../../../src/smtp/proxy-protocol.js';
import { proxyBinary, proxyBlock, proxyExtension, proxyLine } from '../../helpers/proxy-header.js';

const octets = (text: string): Buffer => Buffer.from(text, 'latin1');
const answer = (header: Buffer | string): ProxyAnswer =>
  createProxyParser().feed(typeof header === 'string' ? octets(header) : header);

const FOUR = {
  source: { address: '192.0.2.7', port: 40_000 },
  destination: { address: '198.51.100.1', port: 25 },
};
const SIX = {
  source: { address: '2001:db8::7', port: 65_535 },
  destination: { address: '::1', port: 0 },
};

describe('a PROXY line (version 1)', () => {
  it.each([
    ['IPv4', FOUR, 4],
    ['IPv6', SIX, 6],
  ] as const)('tells both ends over %s and leaves what follows', (_, pair, family) => {
    const line = proxyLine(pair);
    const got = answer(Buffer.concat([line, octets('EHLO x\r\n')]));
    expect(got).toEqual({
      status: 'proxied',
      family,
      ...pair,
      consumed: line.length,
      rest: octets('EHLO x\r\n'),
    });
  });

  it('writes every spelling of an address in one way', () => {
    expect(answer('PROXY TCP6 2001:DB8:0:0::0007 ::FFFF:192.0.2.1 1 2\r\n')).toMatchObject({
      source: { address: '2001:db8::7' },
      destination: { address: '192.0.2.1' },
    });
    expect(answer('PROXY TCP6 ::ffff:c000:201 ::1 1 2\r\n')).toMatchObject({
      family: 4,
      source: { address: '192.0.2.1' },
    });
  });

  it('may not know the client', () => {
    for (const line of ['PROXY UNKNOWN\r\n', 'PROXY UNKNOWN ffff::1 \0\xff 99999\r\n'])
      expect(answer(line)).toMatchObject({ status: 'local', speaker: 'unknown', consumed: line.length });
  });

  it.each([
    ['lower case', 'proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
    ['UDP', 'PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n'],
    ['another word', 'PROXY UNKNOWNS\r\n'],
    ['two spaces', 'PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n'],
    ['a space at the end', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n'],
    ['too few words', 'PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n'],
    ['a leading zero', 'PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n'],
    ['a port with a leading zero', 'PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n'],
    ['a port too large', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n'],
    ['a sign', 'PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n'],
    ['the other family', 'PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n'],
    ['the other family again', 'PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n'],
    ['a zone', 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n'],
    ['LF alone', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n'],
    ['LF alone inside', 'PROXY UNKNOWN \nEHLO x\r\n'],
    ['CR alone inside', 'PROXY UNKNOWN \r EHLO x\r\n'],
    ['no header', 'EHLO x\r\n'],
    ['an HTTP request', 'GET / HTTP/1.1\r\n'],
  ])('is refused with %s', (_, line) => {
    expect(answer(line)).toMatchObject({ status: 'bad' });
  });

  it('may be as long as the longest, and no longer', () => {
    const longest = `PROXY UNKNOWN ${'x'.repeat(PROXY_LINE_OCTETS - 16)}\r\n`;
    expect(answer(longest)).toMatchObject({ status: 'local', consumed: PROXY_LINE_OCTETS });
    expect(answer(longest.replace('x', 'xx'))).toMatchObject({ status: 'bad' });
    expect(answer(`PROXY UNKNOWN ${'x'.repeat(1_000_000)}`)).toMatchObject({ status: 'bad' });
  });

  it('is refused at the first octet that is wrong', () => {
    const parser = createProxyParser();
    for (const octet of 'PRO') expect(parser.feed(octets(octet))).toEqual({ status: 'more' });
    expect(parser.feed(octets('P'))).toMatchObject({ status: 'bad' });
  });
});

describe('a PROXY header of version 2', () => {
  it.each([
    ['IPv4', FOUR, 4],
    ['IPv6', SIX, 6],
  ] as const)('tells both ends over %s and leaves what follows', (_, pair, family) => {
    const header = proxyBinary(pair, proxyExtension(0x04, Buffer.alloc(20)));
    const got = answer(Buffer.concat([header, octets('QUIT\r\n')]));
    expect(got).toEqual({
      status: 'proxied',
      family,
      ...pair,
      consumed: header.length,
      rest: octets('QUIT\r\n'),
    });
  });

  it('tells about the TLS of the client', () => {
    const inner = [
      proxyExtension(0x21, 'TLSv1.3'),
      proxyExtension(0x23, 'TLS_AES_128_GCM_SHA256'),
      proxyExtension(0x22, 'client\r\n250 forged'),
    ];
    const tls = (flags: number, verify: number): Buffer =>
      proxyExtension(0x20, Buffer.concat([Buffer.from([flags, 0, 0, 0, verify]), ...inner]));
    const told = { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256', clientName: '' };
    expect(answer(proxyBinary(FOUR, tls(1, 0)))).toMatchObject({ tls: { ...told, verified: false } });
    expect(answer(proxyBinary(FOUR, tls(3, 0)))).toMatchObject({ tls: { ...told, verified: true } });
    expect(answer(proxyBinary(FOUR, tls(7, 1)))).toMatchObject({ tls: { ...told, verified: false } });
    expect(answer(proxyBinary(FOUR, tls(0, 0)))).not.toHaveProperty('tls');
    expect(answer(proxyBinary(FOUR, proxyExtension(0x01, 'h2')))).not.toHaveProperty('tls');
  });

  it('may come from the proxy itself, with a block that means nothing', () => {
    expect(answer(proxyBlock(0x20, 0x00, Buffer.alloc(0)))).toMatchObject({
      status: 'local',
      speaker: 'proxy',
    });
    expect(answer(proxyBlock(0x20, 0xff, Buffer.alloc(7)))).toMatchObject({ speaker: 'proxy', consumed: 23 });
  });

  it('may not know the client, or know one that cannot be told', () => {
    const cases: readonly (readonly [number, number])[] = [
      [0x00, 0],
      [0x10, 0],
      [0x12, 12],
      [0x22, 36],
      [0x31, 216],
      [0x32, 216],
    ];
    for (const [family, length] of cases) {
      const got = answer(proxyBlock(0x21, family, Buffer.alloc(length)));
      expect(got).toMatchObject({ status: 'local', speaker: 'unknown', consumed: 16 + length });
    }
  });

  it.each([
    ['another version', proxyBlock(0x11, 0x11, Buffer.alloc(12))],
    ['another command', proxyBlock(0x22, 0x11, Buffer.alloc(12))],
    ['another family', proxyBlock(0x21, 0x41, Buffer.alloc(12))],
    ['another transport', proxyBlock(0x21, 0x13, Buffer.alloc(12))],
    ['too few octets for IPv4', proxyBlock(0x21, 0x11, Buffer.alloc(11))],
    ['too few octets for IPv6', proxyBlock(0x21, 0x21, Buffer.alloc(35))],
    ['too few octets for UNIX', proxyBlock(0x21, 0x31, Buffer.alloc(215))],
    ['half an extension', proxyBinary(FOUR, Buffer.from([4, 0]))],
    ['an extension over the end', proxyBinary(FOUR, Buffer.from([4, 0, 2, 0]))],
    ['a short TLS extension', proxyBinary(FOUR, proxyExtension(0x20, Buffer.alloc(4)))],
    [
      'a broken TLS extension',
      proxyBinary(FOUR, proxyExtension(0x20, Buffer.from([1, 0, 0, 0, 0, 33, 9, 9]))),
    ],
    ['too many octets', proxyBlock(0x21, 0x11, Buffer.alloc(PROXY_OCTETS - 15))],
  ])('is refused with %s', (_, header) => {
    expect(answer(header)).toMatchObject({ status: 'bad' });
  });

  it('may be as long as the longest', () => {
    const header = proxyBinary(FOUR, proxyExtension(0x04, Buffer.alloc(PROXY_OCTETS - 16 - 12 - 3)));
    expect(header).toHaveLength(PROXY_OCTETS);
    const parser = createProxyParser();
    for (const octet of header.subarray(0, -1))
      expect(parser.feed(Buffer.from([octet]))).toEqual({ status: 'more' });
    expect(parser.feed(header.subarray(-1))).toMatchObject({ status: 'proxied', rest: Buffer.alloc(0) });
  });

  it('is refused by a wrong length before that many octets came', () => {
    expect(answer(proxyBlock(0x21, 0x11, Buffer.alloc(60_000)).subarray(0, 16))).toMatchObject({
      status: 'bad',
    });
  });
});
