/** Addresses that others tell: one spelling each, which a socket would write as well. */
import { isIP } from 'node:net';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { clientKey } from '../../src/dns/client-key.js';
import { isSameAddress, parseIpAddress } from '../../src/dns/ip-address.js';
import { peerAddressOf, readPeerAddress, readPort } from '../../src/smtp/peer-address.js';

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef:.%'), maxLength: 45 }),
  fc.ipV4(),
  fc.ipV6(),
);

it('any text is an address in its one spelling, or none', () => {
  fc.assert(
    fc.property(text, (written) => {
      const read = readPeerAddress(written);
      if (read === undefined) return;
      expect(isIP(read.address)).toBe(read.family);
      expect(readPeerAddress(read.address)).toEqual(read);
      const [one, other] = [parseIpAddress(written), parseIpAddress(read.address)];
      expect(one && other && isSameAddress(one, other)).toBe(true);
    }),
    { numRuns: 2000 },
  );
});

it('every address in octets has the spelling of its text', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(octets, (address) => {
      const read = peerAddressOf(Buffer.from(address));
      expect(readPeerAddress(read.address)).toEqual(read);
    }),
  );
});

it('clients of one /64 are one client, whatever else is told is one of its own', () => {
  const half = fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 4, maxLength: 4 });
  const groups = (numbers: readonly number[]): string => numbers.map((n) => n.toString(16)).join(':');
  fc.assert(
    fc.property(half, half, half, (network, one, other) => {
      const key = clientKey(`${groups(network)}:${groups(one)}`);
      expect(clientKey(`${groups(network)}:${groups(other)}`)).toBe(key);
    }),
  );
  fc.assert(
    fc.property(text, (told) => {
      expect(clientKey(told).length).toBeLessThanOrEqual(64);
    }),
  );
});

it('ports are decimal numbers below 65536', () => {
  fc.assert(
    fc.property(fc.oneof(text, fc.nat({ max: 99_999 }).map(String)), (written) => {
      const port = readPort(written);
      if (port === undefined) return;
      expect(String(port)).toBe(written);
      expect(port).toBeLessThan(65_536);
    }),
  );
});
