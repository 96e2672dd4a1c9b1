import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldSender, networkOf, tripletKey } from '../../../src/checks/greylist-key.js';

const DEFAULTS = { ipv4: 24, ipv6: 64 };

describe('networkOf', () => {
  it.each([
    ['192.0.2.77', DEFAULTS, '192.0.2.0/24'],
    ['192.0.2.77', { ipv4: 32, ipv6: 64 }, '192.0.2.77/32'],
    ['10.255.3.4', { ipv4: 9, ipv6: 64 }, '10.128.0.0/9'],
    ['::ffff:192.0.2.77', DEFAULTS, '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', DEFAULTS, '2001:db8:1:2:0:0:0:0/64'],
    ['2001:db8:1:2:ffff::', { ipv4: 24, ipv6: 68 }, '2001:db8:1:2:f000:0:0:0/68'],
    ['2001:db8::1', { ipv4: 24, ipv6: 128 }, '2001:db8:0:0:0:0:0:1/128'],
  ])('of %s is the network', (ip, prefixes, network) => {
    expect(networkOf(ip, prefixes)).toBe(network);
  });

  it('takes what is no address for itself, however long it is', () => {
    expect(networkOf('x'.repeat(5000), DEFAULTS)).toMatch(/^[\w-]{22}$/);
    expect(networkOf('', DEFAULTS)).not.toBe(networkOf('x', DEFAULTS));
  });
});

describe('foldSender', () => {
  it.each([
    ['', ''],
    ['Ann@Example.ORG', 'ann@example.org'],
    ['ann2@example.org', 'ann2@example.org'],
    ['prvs=1234abcdef=Ann@example.org', 'ann@example.org'],
    ['prvs=ann@example.org', 'prvs=ann@example.org'],
    ['bounce-12345-ann=example.com@list.example', 'bounce-#-ann=example.com@list.example'],
    ['return_77.8+x@list.example', 'return_#.#+x@list.example'],
    ['0100018f2a3b4c5d-deadbeef-0001@mail.example', '#-deadbeef-#@mail.example'],
    ['x.msprvs1rgwfxcsz7abcdefgh@spgateway.example', 'x.#@spgateway.example'],
    ['srs0=abcd=7k=example.org=ann@forwarder.example', 'example.org=ann@forwarder.example'],
    ['SRS0+wxyz=7L=example.org=ann@forwarder.example', 'example.org=ann@forwarder.example'],
    [
      'srs1=hash=second.example==abcd=7k=example.org=ann@first.example',
      'second.example=example.org=ann@first.example',
    ],
    ['srs0@forwarder.example', 'srs0@forwarder.example'],
    ['user@1.example', 'user@1.example'],
    ['"a@b 1"@example.org', '"a@b 1"@example.org'],
  ])('of %j is %j', (sender, folded) => {
    expect(foldSender(sender)).toBe(folded);
  });

  it('takes any text, and keeps the domain', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 400 }), fc.domain(), (local, domain) => {
        expect(foldSender(`${local}@${domain}`).endsWith(`@${domain.toLowerCase()}`)).toBe(true);
      }),
    );
  });
});

describe('tripletKey', () => {
  it('is short, and one for what differs only in letter case or numbers', () => {
    const key = tripletKey('192.0.2.0/24', 'bounce-1@list.example', 'ann@here.example');
    expect(key).toMatch(/^[\w-]{22}$/);
    expect(tripletKey('192.0.2.0/24', 'Bounce-2@list.example', 'Ann@here.example')).toBe(key);
  });

  it('differs with each of the three', () => {
    const keys = [
      ['n', 'a@x.example', 'r@y.example'],
      ['m', 'a@x.example', 'r@y.example'],
      ['n', 'b@x.example', 'r@y.example'],
      ['n', 'a@x.example', 's@y.example'],
      ['n', '', 'r@y.example'],
    ].map(([network = '', sender = '', recipient = '']) => tripletKey(network, sender, recipient));
    expect(new Set(keys).size).toBe(keys.length);
  });
});
