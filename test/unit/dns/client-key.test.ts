import { describe, expect, it } from 'vitest';
import { clientKey } from '../../../src/dns/client-key.js';

describe('clientKey', () => {
  it('takes an IPv4 address whole, also inside IPv6, and an IPv6 address by its /64', () => {
    expect(clientKey('192.0.2.1')).toBe('192.0.2.1');
    expect(clientKey('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(clientKey('2001:db8:1:2:3:4:5:6')).toBe(clientKey('2001:db8:1:2::1'));
    expect(clientKey('2001:db8:1:2::1')).not.toBe(clientKey('2001:db8:1:3::1'));
    expect(clientKey('x'.repeat(1000))).toHaveLength(64);
  });
});
