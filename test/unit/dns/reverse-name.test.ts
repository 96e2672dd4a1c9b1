import { describe, expect, it } from 'vitest';
import { reverseLabels, reverseName } from '../../../src/dns/reverse-name.js';

describe('reverse names', () => {
  it('turns IPv4 round', () => {
    expect(reverseName('192.0.2.1')).toBe('1.2.0.192.in-addr.arpa');
    expect(reverseLabels('192.0.2.1')).toBe('1.2.0.192');
  });

  // RFC 3596 §2.5 and RFC 5782 §2.4 print these.
  it('turns the nibbles of IPv6 round', () => {
    expect(reverseName('4321:0:1:2:3:4:567:89ab')).toBe(
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
    );
    expect(reverseLabels('2001:db8:1:2:3:4:567:89ab')).toBe(
      'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2',
    );
  });

  it('looks a mapped address up as IPv4', () => {
    expect(reverseName('::ffff:192.0.2.1')).toBe('1.2.0.192.in-addr.arpa');
  });

  it('has no name for what is no address', () => {
    expect(reverseName('example.org')).toBeUndefined();
    expect(reverseLabels('')).toBeUndefined();
  });
});
