import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MECHANISMS, type SaslStep } from '../../src/auth/sasl/exchange.js';
import { createSaslExchange } from '../../src/auth/sasl/mechanisms.js';
import { readInitialResponse, readResponse } from '../../src/auth/sasl/response.js';
import { createFakeClock } from '../helpers/fake-clock.js';

const deps = { clock: createFakeClock(), hostname: 'mx.example.com' };

const octets = fc.uint8Array({ maxLength: 200 });
const anyLine = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.base64String({ maxLength: 300 }),
  octets.map((some) => Buffer.from(some).toString('base64')),
  // Almost right: text with NULs and blanks, as the mechanisms take it.
  fc
    .string({ unit: fc.constantFrom('\0', ' ', 'a', 'é', '0123456789abcdef0123456789abcdef'), maxLength: 12 })
    .map((text) => Buffer.from(text).toString('base64')),
  fc.constantFrom('*', '=', ''),
);

/** A word that may be a name or a password. */
const word = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 40 })
  .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));

function encoded(text: string): string {
  return Buffer.from(text).toString('base64');
}

describe('base64 of responses', () => {
  it('is read when and only when it is the one spelling of its octets', () => {
    fc.assert(
      fc.property(anyLine, (line) => {
        const reading = readResponse(line);
        if (reading.status === 'ok') {
          expect(encoded(reading.text)).toBe(line);
          expect(reading.text).not.toMatch(/(?!\0)\p{Cc}/u);
        }
      }),
    );
  });

  it('reads back every text', () => {
    fc.assert(
      fc.property(word, (text) => {
        expect(readResponse(encoded(text))).toEqual({ status: 'ok', text });
        expect(readInitialResponse(encoded(text))).toEqual({ status: 'ok', text });
      }),
    );
  });
});

describe('exchanges', () => {
  it('never throw, end within three lines, and claim a name without control characters', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MECHANISMS),
        fc.option(anyLine, { nil: undefined }),
        fc.array(anyLine, { minLength: 3, maxLength: 3 }),
        (mechanism, initial, lines) => {
          const exchange = createSaslExchange(mechanism, deps);
          let step: SaslStep = exchange.start(initial);
          for (const line of lines) if (step.status === 'challenge') step = exchange.next(line);
          expect(step.status).not.toBe('challenge');
          if (step.status !== 'credentials') return;
          expect(step.credentials.mechanism).toBe(mechanism);
          expect(step.credentials.user).toMatch(/^\P{Cc}+$/u);
          if ('password' in step.credentials) expect(step.credentials.password).toMatch(/^\P{Cc}+$/u);
        },
      ),
    );
  });

  it('give name and password as the client meant them', () => {
    fc.assert(
      fc.property(word, word, fc.boolean(), (user, password, withIdentity) => {
        const plain = createSaslExchange('PLAIN', deps);
        expect(plain.start(encoded(`${withIdentity ? user : ''}\0${user}\0${password}`))).toEqual({
          status: 'credentials',
          credentials: { mechanism: 'PLAIN', user, password },
        });
        const login = createSaslExchange('LOGIN', deps);
        login.start(undefined);
        login.next(encoded(user));
        expect(login.next(encoded(password))).toEqual({
          status: 'credentials',
          credentials: { mechanism: 'LOGIN', user, password },
        });
        const digest = '0123456789abcdef0123456789abcdef';
        const cram = createSaslExchange('CRAM-MD5', deps).next(encoded(`${user} ${digest}`));
        expect(cram).toMatchObject({ credentials: { user, digest } });
      }),
    );
  });
});
