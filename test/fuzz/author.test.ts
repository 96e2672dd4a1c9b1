/** From as strangers write it: never a throw, never more than is there, the same for DMARC and for signing. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { authorDomain, readAuthor } from '../../src/checks/signatures/author.js';
import { parseHeader } from '../../src/message/header-block.js';

const piece = fc.constantFrom(
  'ann',
  '@',
  'a.example',
  '<',
  '>',
  '"',
  '\\',
  '(',
  ')',
  ',',
  ';',
  ':',
  ' ',
  '\r\n ',
  'grp:',
  '=?utf-8?q?x?=',
  '\u00e9',
);
const value = fc.oneof(
  fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
  fc.string(),
);

it('any From is read without a throw, and a domain to sign for is one of an address read', () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 3 }), (values) => {
      const text = values.map((one) => `From: ${one.replace(/\r\n(?! )|\r(?!\n)|\n/g, ' ')}\r\n`).join('');
      const { header } = parseHeader(Buffer.from(text));
      const author = readAuthor(header);
      expect(author.fields).toBe(header.count('From'));
      const domain = authorDomain(header);
      if (domain === undefined) return;
      expect(author.addresses.some((address) => address.toLowerCase().endsWith(`@${domain}`))).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
