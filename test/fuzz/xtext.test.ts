/** xtext, and addresses without brackets: what is taken holds nothing that could break a line. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAddress } from '../../src/smtp/mailbox.js';
import { decodeXtext } from '../../src/smtp/xtext.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 100 }),
  fc.string({ unit: fc.constantFrom(...'+0AFa=@"\\. <>\r\n'), maxLength: 30 }),
);

it('printable text that was encoded is decoded again', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[\x20-\x7e]{0,40}$/), (plain) => {
      const encoded = plain.replaceAll(
        /[^!-*,-<>-~]/g,
        (c) => `+${c.charCodeAt(0).toString(16).toUpperCase()}`,
      );
      expect(decodeXtext(encoded)).toBe(plain);
    }),
  );
});

it('any other text is decoded to what has no control characters, or not at all', () => {
  fc.assert(
    fc.property(text, (written) => {
      const decoded = decodeXtext(written);
      if (decoded !== undefined) expect(decoded).not.toMatch(/[\u0000-\u001f\u007f]/);
    }),
  );
});

it('an address that a policy writes is taken as it would be between brackets, or not at all', () => {
  fc.assert(
    fc.property(text, (written) => {
      const mailbox = parseAddress(written);
      if (mailbox) expect(mailbox.address).not.toMatch(/[\r\n\0]/);
    }),
  );
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      expect(parseAddress(address)?.address).toBe(address);
    }),
  );
});
