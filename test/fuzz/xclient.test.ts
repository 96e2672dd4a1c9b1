import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseXclient, parseXforward } from '../../src/smtp/xclient.js';

/** Every octet that is no plain character in two hexadecimal digits (RFC 3461 §4). */
function encode(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((octet) => {
      const plain = octet > 0x20 && octet < 0x7f && octet !== 0x2b && octet !== 0x3d;
      return plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

const printable = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => /^[^\p{C}\p{Z}]+$/u.test(text) && Buffer.byteLength(text) <= 255)
  .filter((text) => !/^\[(?:UNAVAILABLE|TEMPUNAVAIL)\]$/i.test(text));

const wild = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: fc.constantFrom(...'NAMEDRPOTHLGISUC=[]: +0A4Fü\r\n\t'), maxLength: 120 }),
  fc
    .array(
      fc.tuple(
        fc.constantFrom('NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'LOGIN', 'IDENT', 'SOURCE', 'constructor'),
        fc.oneof(fc.string({ maxLength: 30 }), fc.constantFrom('[UNAVAILABLE]', 'IPV6:::1', '+0D+0A')),
      ),
      { maxLength: 10 },
    )
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join(' ')),
);

describe('XCLIENT and XFORWARD', () => {
  it('give an answer to anything, and nothing that cannot be printed', () => {
    fc.assert(
      fc.property(wild, (text) => {
        for (const result of [parseXclient(text), parseXforward(text)]) {
          if (result.status === 'bad') continue;
          for (const told of Object.values(result.attributes) as { value?: string | number }[]) {
            const value = String(told.value ?? '');
            expect(value).not.toMatch(/\p{C}/u);
            expect(Buffer.byteLength(value)).toBeLessThanOrEqual(255);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('bring back what was encoded', () => {
    fc.assert(
      fc.property(printable, printable, fc.nat(65_535), (helo, login, port) => {
        const text = `HELO=${encode(helo)} LOGIN=${encode(login)} PORT=${port}`;
        expect(parseXclient(text)).toMatchObject({
          status: 'ok',
          attributes: { helo: { value: helo }, login: { value: login }, port: { value: port } },
        });
      }),
    );
  });
});
