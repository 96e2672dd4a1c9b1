import { describe, expect, it } from 'vitest';
import { parseDnsServer, systemDnsServers } from '../../../src/dns/server-address.js';

describe('addresses of DNS servers', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 53],
    ['127.0.0.1:5353', '127.0.0.1', 5353],
    ['2001:db8::1', '2001:db8::1', 53],
    ['[2001:db8::1]:5353', '2001:db8::1', 5353],
    ['[::1]', '::1', 53],
    [' 127.0.0.1 ', '127.0.0.1', 53],
  ])('reads %s', (text, address, port) => {
    expect(parseDnsServer(text)).toEqual({ address, port });
  });

  it.each([
    '',
    'localhost',
    '127.0.0.1:',
    '127.0.0.1:0',
    '127.0.0.1:65536',
    '[127.0.0.1]:53',
    '1.2.3:53',
    '[::1',
  ])('refuses %j', (text) => {
    expect(parseDnsServer(text)).toBeUndefined();
  });
});

describe('the servers of the system', () => {
  it('reads nameserver lines and nothing else', () => {
    const text =
      '# made by hand\nsearch example.org\nnameserver 192.0.2.53\n nameserver\t2001:db8::53 \r\nnameserver nonsense\noptions edns0\n';
    expect(systemDnsServers(text)).toEqual(['192.0.2.53', '2001:db8::53']);
  });

  it('asks this host when the file names nobody, and three at most', () => {
    expect(systemDnsServers('')).toEqual(['127.0.0.1']);
    const many = ['1', '2', '3', '4'].map((last) => `nameserver 192.0.2.${last}`).join('\n');
    expect(systemDnsServers(many)).toHaveLength(3);
  });
});
