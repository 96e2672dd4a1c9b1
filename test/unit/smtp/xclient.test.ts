import { describe, expect, it } from 'vitest';
import {
  parseXclient,
  parseXforward,
  XCLIENT_ATTRIBUTES,
  XFORWARD_ATTRIBUTES,
} from '../../../src/smtp/xclient.js';

const known = (value: unknown) => ({ status: 'known', value });

describe('XCLIENT', () => {
  it('takes every attribute, in any letter case', () => {
    const text =
      'NAME=mx.example.com addr=192.0.2.1 Port=40000 PROTO=esmtp HELO=mx LOGIN=ann+2Eb DESTADDR=IPV6:2001:DB8::1 DESTPORT=25 ';
    expect(parseXclient(text)).toEqual({
      status: 'ok',
      attributes: {
        name: known('mx.example.com'),
        addr: known('192.0.2.1'),
        port: known(40_000),
        proto: known('ESMTP'),
        helo: known('mx'),
        login: known('ann.b'),
        destaddr: known('2001:db8::1'),
        destport: known(25),
      },
    });
    expect(XCLIENT_ATTRIBUTES.join(' ')).toBe('NAME ADDR PORT PROTO HELO LOGIN DESTADDR DESTPORT');
  });

  it('decodes xtext (RFC 3461 §4), spaces and other scripts included', () => {
    expect(parseXclient('LOGIN=Ann+20B+C3+BCttner HELO=m+C3+BCller.example')).toMatchObject({
      attributes: { login: known('Ann Büttner'), helo: known('müller.example') },
    });
  });

  it('knows what the relay does not know', () => {
    for (const attribute of XCLIENT_ATTRIBUTES) {
      const told = { [attribute.toLowerCase()]: { status: 'unavailable' } };
      expect(parseXclient(`${attribute}=[UNAVAILABLE]`)).toEqual({ status: 'ok', attributes: told });
    }
    expect(parseXclient('NAME=[tempunavail]')).toMatchObject({ attributes: { name: { status: 'failed' } } });
    expect(parseXclient('ADDR=[TEMPUNAVAIL]')).toMatchObject({ status: 'bad', attribute: 'ADDR' });
  });

  it('reads an address only in its own form', () => {
    expect(parseXclient('ADDR=ipv6:::ffff:192.0.2.1')).toMatchObject({
      attributes: { addr: known('192.0.2.1') },
    });
    for (const address of [
      '2001:db8::1',
      'IPV6:192.0.2.1',
      '[192.0.2.1]',
      'IPV6:fe80::1%eth0',
      '192.0.2.01',
      'mx',
    ])
      expect(parseXclient(`ADDR=${address}`)).toMatchObject({ status: 'bad', attribute: 'ADDR' });
  });

  it.each([
    ['nothing', ''],
    ['only spaces', '   '],
    ['an unknown attribute', 'ADDR=192.0.2.1 COLOUR=red'],
    ['an attribute of XFORWARD', 'IDENT=1'],
    ['a word of the programming language', '__proto__=1'],
    ['an attribute without value', 'ADDR'],
    ['an empty value', 'NAME='],
    ['an attribute given twice', 'PORT=1 port=2'],
    ['a second equals sign', 'HELO=a=b'],
    ['broken xtext', 'HELO=a+2'],
    ['small hexadecimal digits', 'HELO=a+2eb'],
    ['a line end in disguise', 'HELO=a+0D+0AMAIL'],
    ['half a character', 'HELO=a+C3'],
    ['a control character of Unicode', 'HELO=a+C2+85'],
    ['a space in a name', 'HELO=a+20b'],
    ['a space at an end', 'LOGIN=+20ann'],
    ['a tab', 'NAME=a\tADDR=192.0.2.1'],
    ['a name that is none', 'NAME=a..b'],
    ['a port too large', 'PORT=65536'],
    ['another protocol', 'PROTO=LMTP'],
    ['a long value', `HELO=${'a'.repeat(256)}`],
    ['a long value in xtext', `HELO=${'+41'.repeat(256)}`],
  ])('is refused with %s', (_, text) => {
    expect(parseXclient(text)).toMatchObject({ status: 'bad' });
  });

  it('takes the longest value', () => {
    expect(parseXclient(`HELO=${'+41'.repeat(255)}`)).toMatchObject({
      attributes: { helo: known('A'.repeat(255)) },
    });
  });
});

describe('XFORWARD', () => {
  it('takes every attribute', () => {
    const text = 'NAME=mx ADDR=192.0.2.1 PORT=1 PROTO=UUCP HELO=mx IDENT=4Fx7 SOURCE=local';
    expect(parseXforward(text)).toEqual({
      status: 'ok',
      attributes: {
        name: known('mx'),
        addr: known('192.0.2.1'),
        port: known(1),
        proto: known('UUCP'),
        helo: known('mx'),
        ident: known('4Fx7'),
        source: known('LOCAL'),
      },
    });
    expect(XFORWARD_ATTRIBUTES.join(' ')).toBe('NAME ADDR PORT PROTO HELO IDENT SOURCE');
  });

  it('takes the edge off words of strangers, and addresses of other networks as they are', () => {
    expect(parseXforward('HELO=a<b>;"c"@(d)\\ NAME=not..dns ADDR=x25!1234')).toMatchObject({
      attributes: { helo: known('a?b???c???d??'), name: known('not..dns'), addr: known('x25!1234') },
    });
    expect(parseXforward('ADDR=IPV6:2001:DB8::1')).toMatchObject({
      attributes: { addr: known('2001:db8::1') },
    });
  });

  it.each([
    'LOGIN=ann',
    'SOURCE=HERE',
    `PROTO=${'x'.repeat(65)}`,
    'NAME=[TEMPUNAVAIL+0A]',
    'IDENT=a+20b',
    '',
  ])('refuses %j', (text) => {
    expect(parseXforward(text)).toMatchObject({ status: 'bad' });
  });

  it('knows what the relay does not know', () => {
    expect(parseXforward('NAME=[UNAVAILABLE]')).toMatchObject({
      attributes: { name: { status: 'unavailable' } },
    });
  });
});
