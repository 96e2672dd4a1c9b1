/** Domains and address literals: any text gets an answer, and equal names one spelling. */
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { comparableDomain, isDomain, parseAddressLiteral, readableDomain } from '../../src/smtp/domain.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'aZ0-_.öß例[]:%IPv6 \r\n\0'), maxLength: 80 }),
);

describe('domain properties', () => {
  it('a name holds nothing that could end a line, a path or a word', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (name, utf8) => {
        if (!isDomain(name, utf8)) return;
        expect(name).not.toMatch(/[\u0000-\u0020\u007f<>()[\]\\,;:@"]/);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
        if (!utf8) expect(name).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });

  it('every host name that there is, is one', () => {
    fc.assert(
      fc.property(fc.domain(), (name) => {
        expect(isDomain(name)).toBe(true);
      }),
    );
  });

  it('the compared spelling is its own, and does not see letter case', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.domain()), (name) => {
        const spelled = comparableDomain(name);
        expect(comparableDomain(spelled)).toBe(spelled);
        if (isDomain(name)) expect(comparableDomain(name.toUpperCase())).toBe(spelled);
      }),
    );
  });

  it('the readable spelling is the same name', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.domain()), (name) => {
        const readable = readableDomain(name);
        if (isDomain(name)) expect(comparableDomain(readable)).toBe(comparableDomain(name));
      }),
    );
  });

  it('a literal holds an address', () => {
    const literal = fc.oneof(
      text,
      fc.ipV4().map((ip) => `[${ip}]`),
      fc.ipV6().map((ip) => `[IPv6:${ip}]`),
    );
    fc.assert(
      fc.property(literal, (written) => {
        const address = parseAddressLiteral(written);
        if (address !== undefined) expect(isIP(address)).not.toBe(0);
      }),
    );
    fc.assert(fc.property(fc.ipV6(), (ip) => parseAddressLiteral(`[IPv6:${ip}]`) === ip));
  });
});
