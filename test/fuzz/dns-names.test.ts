/** Reverse names: every address has one, and the address can be read back from it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isHostName } from '../../src/dns/host-name.js';
import { formatIpAddress, isSameAddress, parseIpAddress } from '../../src/dns/ip-address.js';
import { createQuery } from '../../src/dns/query-packet.js';
import { reverseLabels, reverseName } from '../../src/dns/reverse-name.js';
import { parseDnsServer, systemDnsServers } from '../../src/dns/server-address.js';

describe('reverse names', () => {
  it('hold the octets of IPv4 in turn', () => {
    fc.assert(
      fc.property(fc.ipV4(), (ip) => {
        expect(reverseLabels(ip)?.split('.').reverse().join('.')).toBe(ip);
        expect(reverseLabels(`::ffff:${ip}`)).toBe(reverseLabels(ip));
      }),
    );
  });

  it('hold the nibbles of IPv6 in turn', () => {
    fc.assert(
      fc.property(fc.ipV6(), (ip) => {
        const address = parseIpAddress(ip);
        expect(address).toBeDefined();
        if (address?.family !== 6) return;
        const nibbles = reverseName(ip)?.split('.') ?? [];
        expect(nibbles.splice(32)).toEqual(['ip6', 'arpa']);
        const groups = nibbles.reverse().join('').match(/.{4}/g) ?? [];
        const back = parseIpAddress(groups.join(':'));
        expect(back && isSameAddress(back, address)).toBe(true);
      }),
    );
  });

  it('fit a packet, and are host names', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (ip) => {
        const name = reverseName(ip) ?? '';
        expect(isHostName(name)).toBe(true);
        expect(createQuery(name, 'PTR')).toBeDefined();
      }),
    );
  });

  it('survive any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const address = parseIpAddress(text);
        if (address) expect(parseIpAddress(formatIpAddress(address))).toEqual(address);
        reverseLabels(text);
        parseDnsServer(text);
        expect(systemDnsServers(text).length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});
