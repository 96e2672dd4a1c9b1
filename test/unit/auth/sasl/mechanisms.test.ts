import { describe, expect, it } from 'vitest';
import { LONGEST_RESPONSE } from '../../../../src/auth/sasl/exchange.js';
import { createSaslExchange, parseMechanism } from '../../../../src/auth/sasl/mechanisms.js';
import { createFakeClock } from '../../../helpers/fake-clock.js';

const deps = { clock: createFakeClock(), hostname: 'mx.example.com' };

describe('parseMechanism', () => {
  it('knows its own in any letter case', () => {
    expect(['plain', 'Login', 'CRAM-md5'].map(parseMechanism)).toEqual(['PLAIN', 'LOGIN', 'CRAM-MD5']);
    expect(['', 'PLAIN ', 'XOAUTH2', 'toString'].map(parseMechanism)).toEqual(Array(4).fill(undefined));
  });
});

describe.each(['PLAIN', 'LOGIN', 'CRAM-MD5'] as const)('every exchange: %s', (mechanism) => {
  it.each([
    ['*', 'cancelled'],
    ['=', 'notBase64'],
    ['dGlt IA==', 'notBase64'],
    ['dGlt\r', 'notBase64'],
    ['dGltIA', 'notBase64'],
    ['dGltIA===', 'notBase64'],
    ['dGltIB==', 'notBase64'],
    ['_-8=', 'notBase64'],
    ['\u00e9\u00e9\u00e9\u00e9', 'notBase64'],
    ['A'.repeat(LONGEST_RESPONSE + 1), 'tooLong'],
    // Not UTF-8, and a line end within the text.
    ['/////w==', 'malformed'],
    ['AGEKAGI=', 'malformed'],
    ['', 'malformed'],
  ])('ends at %j', (line, reason) => {
    const exchange = createSaslExchange(mechanism, deps);
    expect(exchange.start(undefined).status).toBe('challenge');
    expect(exchange.next(line)).toEqual({ status: 'failed', reason });
  });
});
