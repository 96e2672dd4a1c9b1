import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AdmissionLimits, createAdmission } from '../../../../src/engine/session/admission.js';

const LIMITS: AdmissionLimits = { inAll: 100, onListener: 3, fromClient: 2 };

const at = (address: string, listener = 'mx') => ({ listener, address });

describe('createAdmission', () => {
  it('counts on the listener and per client, and forgets who left', () => {
    const admission = createAdmission();
    expect(admission.enter(at('192.0.2.1'), LIMITS)).toBe('admitted');
    expect(admission.enter(at('192.0.2.1'), LIMITS)).toBe('admitted');
    expect(admission.enter(at('192.0.2.1'), LIMITS)).toBe('too-many-from-address');
    expect(admission.enter(at('192.0.2.2'), LIMITS)).toBe('admitted');
    expect(admission.enter(at('192.0.2.3'), LIMITS)).toBe('too-many');
    admission.leave(at('192.0.2.1'));
    expect(admission.enter(at('192.0.2.3'), LIMITS)).toBe('admitted');
    admission.leave(at('192.0.2.9'));
    expect(admission.enter(at('192.0.2.2'), LIMITS)).toBe('too-many');
  });

  it('counts each listener for itself, and all of them together', () => {
    const admission = createAdmission();
    const limits = { inAll: 3, onListener: 2, fromClient: 1 };
    expect(admission.enter(at('192.0.2.1', 'mx'), limits)).toBe('admitted');
    expect(admission.enter(at('192.0.2.1', 'submission'), limits)).toBe('admitted');
    expect(admission.enter(at('192.0.2.1', 'mx'), limits)).toBe('too-many-from-address');
    expect(admission.enter(at('192.0.2.2', 'mx'), limits)).toBe('admitted');
    expect(admission.enter(at('192.0.2.3', 'submission'), limits)).toBe('too-many');
    admission.leave(at('192.0.2.1', 'mx'));
    expect(admission.enter(at('192.0.2.3', 'submission'), limits)).toBe('admitted');
  });

  it('takes a /64 of IPv6 for one client, and IPv4 inside IPv6 for the IPv4 address', () => {
    const admission = createAdmission();
    const limits = { ...LIMITS, onListener: 100 };
    expect(admission.enter(at('2001:db8:1:2::1'), limits)).toBe('admitted');
    expect(admission.enter(at('2001:db8:1:2:ffff::9'), limits)).toBe('admitted');
    expect(admission.enter(at('2001:db8:1:2::3'), limits)).toBe('too-many-from-address');
    expect(admission.enter(at('2001:db8:1:3::3'), limits)).toBe('admitted');
    expect(admission.enter(at('192.0.2.1'), limits)).toBe('admitted');
    expect(admission.enter(at('::ffff:192.0.2.1'), limits)).toBe('admitted');
    expect(admission.enter(at('192.0.2.1'), limits)).toBe('too-many-from-address');
  });

  it('is as new once everybody has left, whatever the order', () => {
    const visit = fc.record({
      listener: fc.constantFrom('mx', 'submission'),
      address: fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2'),
    });
    fc.assert(
      fc.property(fc.array(visit, { maxLength: 40 }), (visits) => {
        const admission = createAdmission();
        const limits = { inAll: 6, onListener: 4, fromClient: 3 };
        const inside = visits.filter((one) => admission.enter(one, limits) === 'admitted');
        expect(inside.length).toBeLessThanOrEqual(6);
        for (const one of inside.toReversed()) admission.leave(one);
        for (const one of inside) expect(admission.enter(one, limits)).toBe('admitted');
      }),
    );
  });
});
