import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/log.js';

describe('the silent logger', () => {
  it('takes every level and never throws', () => {
    const hostile = {
      get secret(): string {
        throw new Error('a field that cannot be read');
      },
    };
    expect(() => {
      silentLogger.debug('a');
      silentLogger.info('b', { session: 'x' });
      silentLogger.warn('c', hostile);
      silentLogger.error('d');
    }).not.toThrow();
  });

  it('is its own child', () => {
    expect(silentLogger.child({ session: 'x' })).toBe(silentLogger);
  });
});
