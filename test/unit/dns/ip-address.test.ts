import { describe, expect, it } from 'vitest';
import { formatIpAddress, isLoopback, isSameAddress, parseIpAddress } from '../../../src/dns/ip-address.js';

const shown = (text: string): string | undefined => {
  const address = parseIpAddress(text);
  return address && formatIpAddress(address);
};

describe('IP addresses', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::1', '0:0:0:0:0:0:0:1'],
    ['::', '0:0:0:0:0:0:0:0'],
    ['2001:DB8::8:800:200C:417A', '2001:db8:0:0:8:800:200c:417a'],
    ['fe80::1%eth0', 'fe80:0:0:0:0:0:0:1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:201', '192.0.2.1'],
    ['::192.0.2.1', '0:0:0:0:0:0:c000:201'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ])('reads %s', (text, expected) => {
    expect(shown(text)).toBe(expected);
  });

  it.each(['', 'localhost', '1.2.3', '1.2.3.4.5', '01.2.3.4', '256.1.1.1', ':::', '1::2::3', '[::1]'])(
    'refuses %s',
    (text) => {
      expect(parseIpAddress(text)).toBeUndefined();
    },
  );

  it('knows loopback and sameness', () => {
    const at = (text: string) => parseIpAddress(text) ?? { family: 4 as const, octets: [] };
    expect(isLoopback(at('127.3.2.1'))).toBe(true);
    expect(isLoopback(at('::1'))).toBe(true);
    expect(isLoopback(at('::2'))).toBe(false);
    expect(isLoopback(at('128.0.0.1'))).toBe(false);
    expect(isSameAddress(at('::ffff:192.0.2.1'), at('192.0.2.1'))).toBe(true);
    expect(isSameAddress(at('2001:db8::1'), at('2001:db8:0:0::1'))).toBe(true);
    expect(isSameAddress(at('192.0.2.1'), at('192.0.2.2'))).toBe(false);
  });
});
