import { describe, expect, it } from 'vitest';
import { peerAddressOf, readPeerAddress, readPort } from '../../../src/smtp/peer-address.js';
import { addressOctets } from '../../helpers/proxy-header.js';

describe('the address of a peer', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 4],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', 6],
    ['::', '::', 6],
    // RFC 4291 §2.5.5.2: an IPv4 address in the clothes of IPv6.
    ['::ffff:192.0.2.1', '192.0.2.1', 4],
    ['::FFFF:C000:0201', '192.0.2.1', 4],
    // Only looks like one: the prefix of mapped addresses is missing.
    ['::192.0.2.1', '::192.0.2.1', 6],
  ] as const)('%s is %s', (text, address, family) => {
    expect(readPeerAddress(text)).toEqual({ address, family });
  });

  it.each(['', 'localhost', '192.0.2', '192.0.2.01', '192.0.2.1 ', '[::1]', 'fe80::1%eth0', '::1::'])(
    '%j is none',
    (text) => {
      expect(readPeerAddress(text)).toBeUndefined();
    },
  );

  it('is the same from its octets', () => {
    for (const address of ['0.0.0.0', '192.0.2.1', '::', '::1', '2001:db8::1', 'fe80::1:0:0:2'])
      expect(peerAddressOf(addressOctets(address))).toEqual(readPeerAddress(address));
    expect(peerAddressOf(addressOctets('::ffff:c000:201'))).toEqual({ address: '192.0.2.1', family: 4 });
  });
});

describe('a port', () => {
  it('is a decimal number without ornaments', () => {
    expect(['0', '25', '65535'].map(readPort)).toEqual([0, 25, 65_535]);
    for (const text of ['', '00', '025', '65536', '123456', '-1', '+1', ' 1', '1 ', '0x1', '1e3'])
      expect(readPort(text)).toBeUndefined();
  });
});
