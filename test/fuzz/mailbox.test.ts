import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parsePath } from '../../src/smtp/mailbox.js';

describe('mailbox properties', () => {
  it('never throws, and what it takes holds no control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.boolean(), (text, utf8) => {
        const result = parsePath(`<${text}>`, { kind: 'recipient', utf8 });
        if (result.status !== 'ok') return;
        expect(result.mailbox.address).not.toMatch(/\p{Cc}/u);
        expect(result.mailbox.address).not.toBe('');
      }),
    );
  });

  it('reads its own spelling back', () => {
    const local = fc.string({ unit: fc.constantFrom(...'ab.+"\\ @<>,:;()'), minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(local, (text) => {
        const quoted = `<"${text.replace(/["\\]/g, '\\$&')}"@example.com>`;
        const first = parsePath(quoted, { kind: 'sender', utf8: false });
        expect(first.status).toBe('ok');
        if (first.status !== 'ok') return;
        expect(first.mailbox.local).toBe(text);
        expect(parsePath(`<${first.mailbox.address}>`, { kind: 'sender', utf8: false })).toEqual(first);
      }),
    );
  });
});
