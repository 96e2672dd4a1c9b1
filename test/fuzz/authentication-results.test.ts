import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuthResult, formatAuthenticationResults } from '../../src/message/authentication-results.js';
import { authservIdOf, removeForged } from '../../src/message/authserv-id.js';
import { parseHeader } from '../../src/message/header-block.js';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 900 }),
  fc.string({ unit: fc.constantFrom(...'a.;()<>[]"\\ \r\n\t:@ö=?/1'), maxLength: 80 }),
);
const result = fc.record({
  method: fc.constantFrom('spf', 'dkim', 'dmarc', 'arc', 'iprev', 'auth'),
  result: fc.oneof(fc.constantFrom('pass', 'fail'), text),
  reason: text,
  properties: fc.array(
    fc.record({
      ptype: fc.constantFrom('smtp', 'header', 'body', 'policy'),
      property: fc.oneof(fc.constantFrom('mailfrom', 'd'), text),
      value: text,
    }),
    { maxLength: 20 },
  ),
}) as fc.Arbitrary<AuthResult>;

const TOKEN = "[!#$%&'*+\\-.0-9A-Z^_`a-z{|}~]+";
const QUOTED = '"(?:[^"\\\\\\x00-\\x1f\\x7f]|\\\\[^\\x00-\\x1f])*"';
const WORD = '[^\\x00-\\x20\\x7f()<>,;:\\\\"\\[\\]]+';
const VALUE = `(?:${QUOTED}@[^\\x00-\\x20;"]+|${QUOTED}|${WORD})`;
const STATEMENT = `(?:spf|dkim|dmarc|arc|iprev|auth)=[A-Za-z0-9-]+(?: reason=${QUOTED})?(?: (?:smtp|header|body|policy)\\.[A-Za-z0-9-]+=${VALUE})*`;
const FIELD = new RegExp(`^(?:${TOKEN}|${QUOTED}); (?:none|${STATEMENT}(?:; ${STATEMENT})*)$`);

describe('Authentication-Results properties', () => {
  it('is one field of our own statements, whatever stands in the values', () => {
    fc.assert(
      fc.property(text, fc.array(result, { maxLength: 6 }), fc.boolean(), (id, results, utf8) => {
        const raw = formatAuthenticationResults(id, results, { utf8 });
        const { header, body } = parseHeader(raw);
        expect(header.fields.map((field) => field.name)).toEqual(['Authentication-Results']);
        expect(body.length).toBe(0);
        const written = raw.toString('latin1');
        if (!utf8) expect(written).toMatch(/^[\x20-\x7e\r\n]*$/);
        expect(Math.max(...written.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(998);
        expect(header.get('authentication-results')).toMatch(FIELD);
      }),
    );
  });

  it('reads the id that it has written, and finds its own field forged', () => {
    const id = fc.domain().map((name) => name.toUpperCase());
    fc.assert(
      fc.property(id, fc.array(result, { maxLength: 3 }), (ours, results) => {
        const { header } = parseHeader(formatAuthenticationResults(ours, results));
        expect(authservIdOf(header.get('authentication-results') ?? '')).toBe(ours);
        expect(removeForged(header, ours.toLowerCase()).removed).toBe(1);
        expect(removeForged(header, `x.${ours}`).removed).toBe(0);
      }),
    );
  });

  it('finds the id behind comments, folds and noise', () => {
    const noise = fc.array(
      fc.constantFrom(
        ' ',
        '\t',
        '\r\n ',
        '(c)',
        '(a (b) \\) c)',
        '(;)',
        '(=)',
        '\0',
        '\u00a0',
        ';',
        ',',
        '"',
        '<',
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        noise,
        fc.constantFrom(';', ' ;', ' 1;', '/1;', '.;', ' (c) ;', '\r\n\t;', ''),
        (front, end) => {
          const raw = `Authentication-Results: ${front.join('')}mx.example.org${end} spf=pass\r\n`;
          expect(removeForged(parseHeader(Buffer.from(raw)).header, 'mx.example.org').removed).toBe(1);
        },
      ),
    );
  });

  it('keeps what is not ours as it is, and never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 5 }), (values) => {
        const octets = Buffer.concat(
          values.flatMap((value) => [
            Buffer.from('Authentication-Results: '),
            Buffer.from(value.filter((octet) => octet !== 10 && octet !== 13)),
            Buffer.from('\r\n'),
          ]),
        );
        const { header } = parseHeader(octets);
        const { header: after, removed } = removeForged(header, 'mx.example.org');
        expect(removed).toBe(0);
        expect(after.toBuffer()).toEqual(header.toBuffer());
      }),
    );
  });

  /** Values that fill fields of a header as large as a server takes. */
  const hostile = fc.oneof(
    fc.constantFrom(
      '(',
      '()',
      '"\\',
      '((a)',
      ' ',
      'ö ',
      'a ',
      '-',
      '=?b?',
      '=',
      ';',
      '\\',
      ')',
      '(a)b ',
      'ö',
    ),
    fc.string({ unit: fc.constantFrom(...'a.;()"\\ =?öü\u0323\u0301'), minLength: 1, maxLength: 12 }),
    fc.constant(Array.from({ length: 900 }, (_, at) => String.fromCharCode(0x100 + at)).join('')),
  );

  it('reads whole headers of hostile fields within one bound', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom('', '(', 'x '),
        fc.constantFrom(20, 2000, 260_000),
        (value, front, length) => {
          const line = `Authentication-Results: ${front}${value.repeat(Math.ceil(length / value.length))}\r\n`;
          const octets = Buffer.from(line.repeat(Math.max(1, Math.floor(260_000 / Buffer.byteLength(line)))));
          const { steps } = removeForged(parseHeader(octets).header, 'mx.example.org');
          // The budget, and what was begun before it was used up.
          expect(steps).toBeLessThan(2_000_000 + 4 * octets.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
