import { describe, expect, it } from 'vitest';
import { parseAddress, parsePath } from '../../../src/smtp/mailbox.js';

const sender = (text: string, utf8 = false) => parsePath(text, { kind: 'sender', utf8 });
const recipient = (text: string, utf8 = false) => parsePath(text, { kind: 'recipient', utf8 });

describe('parsePath', () => {
  it.each([
    ['<a@example.com>', 'a@example.com', 'a', 'example.com'],
    ['<a.b+c@sub.example.com>', 'a.b+c@sub.example.com', 'a.b+c', 'sub.example.com'],
    ['<"a b"@example.com>', '"a b"@example.com', 'a b', 'example.com'],
    ['<"a\\"b>c"@example.com>', '"a\\"b>c"@example.com', 'a"b>c', 'example.com'],
    ['<"plain"@example.com>', 'plain@example.com', 'plain', 'example.com'],
    ['<a@[192.0.2.1]>', 'a@[192.0.2.1]', 'a', '[192.0.2.1]'],
    ['<a@[IPv6:2001:db8::1]>', 'a@[IPv6:2001:db8::1]', 'a', '[IPv6:2001:db8::1]'],
    ['<@one.example,@two.example:a@example.com>', 'a@example.com', 'a', 'example.com'],
    ['<>', '', '', ''],
  ])('reads %s', (text, address, local, domain) => {
    expect(sender(text)).toEqual({ status: 'ok', mailbox: { address, local, domain }, rest: '' });
  });

  it('takes a recipient named postmaster without a domain, in any letter case', () => {
    expect(recipient('<Postmaster>')).toMatchObject({
      status: 'ok',
      mailbox: { address: 'Postmaster', domain: '' },
    });
    expect(sender('<postmaster>').status).toBe('bad');
  });

  it('hands back the parameters', () => {
    expect(sender('<a@b.example> SIZE=1 BODY=7BIT')).toMatchObject({ rest: ' SIZE=1 BODY=7BIT' });
  });

  it.each([
    'a@example.com',
    '<a@example.com',
    '<a@example.com>x',
    '<a@example.com>>',
    '<a b@example.com>',
    '<a@@example.com>',
    '<.a@example.com>',
    '<a..b@example.com>',
    '<a@example..com>',
    '<a@-example.com>',
    '<a@[300.1.1.1]>',
    '<a@[IPv6:fe80::1%eth0]>',
    '<"a@example.com>',
    '<"a"b@example.com>',
    '<@one.example a@example.com>',
    '<@one.example:>',
    '<@one.example,two.example:a@example.com>',
    '<@one.example,:a@example.com>',
    '<@:a@example.com>',
    '<@[192.0.2.1:a@example.com>',
    '<@[192.0.2.1]x:a@example.com>',
    '<a@example.com.>',
    '<a@>',
    '<@example.com>',
    '<""@example.com>',
    '<a\r\n@example.com>',
    '<a\u0000@example.com>',
    '<a@exa mple.com>',
    `<${'a'.repeat(250)}@example.com>`,
  ])('refuses %j', (text) => {
    expect(sender(text).status).toBe('bad');
  });

  it.each([
    ['@one.example', 'a@example.com'],
    ['@one.example,@two.example', 'a@example.com'],
    ['@[192.0.2.1],@[IPv6:2001:db8::1]', 'a@example.com'],
    ['@one.example', 'a@[IPv6:2001:db8::1]'],
    ['@one.example', '"@[:,]"@example.com'],
  ])('drops the source route %s of %s', (route, address) => {
    expect(sender(`<${route}:${address}>`)).toMatchObject({ status: 'ok', mailbox: { address } });
  });

  it('wants a domain behind a source route', () => {
    expect(recipient('<@one.example:postmaster>').status).toBe('bad');
  });

  it('refuses an empty recipient', () => {
    expect(recipient('<>').status).toBe('bad');
  });

  it('asks for SMTPUTF8 where the address is not ASCII', () => {
    expect(sender('<jörg@example.com>').status).toBe('needsUtf8');
    expect(sender('<jörg@bücher.example>', true)).toMatchObject({ status: 'ok', mailbox: { local: 'jörg' } });
  });

  it('takes a local part longer than 64 octets, as forwarders write them', () => {
    expect(sender(`<${'a'.repeat(100)}@example.com>`).status).toBe('ok');
  });
});

describe('parseAddress', () => {
  it('reads an address without brackets and nothing else', () => {
    expect(parseAddress('a@example.com')?.address).toBe('a@example.com');
    expect(parseAddress('a@example.com> SIZE=1')).toBeUndefined();
    expect(parseAddress('')).toBeUndefined();
  });
});
