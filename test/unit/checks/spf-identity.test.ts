import { describe, expect, it } from 'vitest';
import { spfIdentity } from '../../../src/checks/spf-identity.js';

const label63 = 'a'.repeat(63);

describe('spfIdentity', () => {
  it.each([
    ['user@example.org', 'user@example.org', 'example.org'],
    ['User@Example.ORG', 'User@Example.ORG', 'example.org'],
    ['user@example.org.', 'user@example.org', 'example.org'],
    ['@example.org', 'postmaster@example.org', 'example.org'],
    ['"a@b"@example.org', '"a@b"@example.org', 'example.org'],
    ['user@my_host.example.org', 'user@my_host.example.org', 'my_host.example.org'],
    ['user@_x.example.org', 'user@_x.example.org', '_x.example.org'],
    ['user@-a.b-.example.org', 'user@-a.b-.example.org', '-a.b-.example.org'],
    [`user@${label63}.example.org`, `user@${label63}.example.org`, `${label63}.example.org`],
    ['ü@bücher.example', 'ü@xn--bcher-kva.example', 'xn--bcher-kva.example'],
    ['u@example.xn--p1ai', 'u@example.xn--p1ai', 'example.xn--p1ai'],
  ])('of the sender %s', (mailFrom, sender, domain) => {
    const kind = 'mailFrom';
    expect(spfIdentity('client.example', mailFrom)).toEqual({ kind, sender, domain, isAskable: true });
  });

  it.each([
    ['mail.example.org', 'mail.example.org'],
    ['MAIL.example.org.', 'mail.example.org'],
    ['win_pc.example.org', 'win_pc.example.org'],
  ])('of the EHLO name %s, for want of a sender', (helo, domain) => {
    const identity = spfIdentity(helo, '');
    expect(identity).toMatchObject({ kind: 'helo', domain, isAskable: true });
    expect(identity.sender.toLowerCase()).toBe(`postmaster@${domain}`);
  });

  // RFC 7208 §4.3: what is no domain of several labels has no record.
  it.each([
    'localhost',
    '[192.0.2.1]',
    '[IPv6:2001:db8::1]',
    '192.0.2.1',
    'a..example.org',
    '.example.org',
    'example.org..',
    `${label63}a.example.org`,
    'two words.example.org',
    'a\u0000b.example.org',
    'a\r\nb.example.org',
    `${'a.'.repeat(127)}example.org`,
    'x'.repeat(100_000),
    '',
    '.',
    '@',
    '%{d}',
    'bücher',
  ])('nobody is asked about %.40j', (name) => {
    expect(spfIdentity(name, '').isAskable).toBe(false);
    expect(spfIdentity('client.example', `user@${name}`).isAskable).toBe(false);
  });

  it('takes an address without @ for a name', () => {
    expect(spfIdentity('c.example', 'example.org')).toMatchObject({
      sender: 'postmaster@example.org',
      domain: 'example.org',
    });
  });
});
