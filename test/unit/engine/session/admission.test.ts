import { describe, expect, it } from 'vitest';
import { createAdmission } from '../../../../src/engine/session/admission.js';

const LIMITS = { maxConnections: 3, maxConnectionsPerAddress: 2 };

describe('createAdmission', () => {
  it('counts in all and per address, and forgets who left', () => {
    const admission = createAdmission();
    expect(admission.enter('a', LIMITS)).toBe('admitted');
    expect(admission.enter('a', LIMITS)).toBe('admitted');
    expect(admission.enter('a', LIMITS)).toBe('too-many-from-address');
    expect(admission.enter('b', LIMITS)).toBe('admitted');
    expect(admission.enter('c', LIMITS)).toBe('too-many');
    admission.leave('a');
    expect(admission.enter('c', LIMITS)).toBe('admitted');
    admission.leave('nobody');
    expect(admission.enter('b', LIMITS)).toBe('too-many');
  });
});
