import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { originalRecipientFault } from '../../src/smtp/original-recipient.js';
import {
  type ParameterExtension,
  type ParameterRules,
  parseMailParameters,
  parseRcptParameters,
} from '../../src/smtp/parameters.js';

const STATUSES = ['ok', 'unknown', 'bad', 'notOffered'];
const EXTENSIONS: readonly ParameterExtension[] = [
  'SIZE',
  '8BITMIME',
  'BINARYMIME',
  'SMTPUTF8',
  'AUTH',
  'REQUIRETLS',
  'DSN',
];
const rules = fc
  .record({ offers: fc.subarray([...EXTENSIONS]), utf8: fc.boolean() })
  .map(({ offers, utf8 }): ParameterRules => ({ offered: (extension) => offers.includes(extension), utf8 }));

/** One parameter as clients write them, right and wrong. */
const parameter = fc
  .tuple(
    fc.constantFrom(
      'SIZE',
      'body',
      'SMTPUTF8',
      'AUTH',
      'REQUIRETLS',
      'RET',
      'ENVID',
      'NOTIFY',
      'ORCPT',
      'X-Y',
    ),
    fc.option(
      fc.oneof(
        fc.constantFrom('1', '8BITMIME', 'BINARYMIME', '<>', 'FULL', 'x', 'NEVER', 'rfc822;a@b', 'utf-8;ö@b'),
        fc.string({ unit: 'binary', maxLength: 30 }),
      ),
      { nil: undefined },
    ),
  )
  .map(([keyword, value]) => (value === undefined ? keyword : `${keyword}=${value}`));
const line = fc.array(parameter, { maxLength: 5 }).map((words) => ` ${words.join(' ')}`);

describe('parameter properties', () => {
  it('gives a status for any text', () => {
    const text = fc.oneof(
      line,
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.string({ unit: fc.constantFrom(...'SIZEBODY= 1;+,NOTIFYRCPT\t\\x{}'), maxLength: 60 }),
    );
    fc.assert(
      fc.property(text, rules, (input, given) => {
        expect(STATUSES).toContain(parseMailParameters(input, given).status);
        expect(STATUSES).toContain(parseRcptParameters(input, given).status);
      }),
    );
  });

  it('takes nothing where nothing was offered', () => {
    const nothing: ParameterRules = { offered: () => false, utf8: true };
    fc.assert(
      fc.property(line, (input) => {
        for (const result of [parseMailParameters(input, nothing), parseRcptParameters(input, nothing)]) {
          if (result.status === 'ok') expect(result.parameters).toEqual({});
        }
      }),
    );
  });

  it('keeps no line end and no control character', () => {
    fc.assert(
      fc.property(line, rules, (input, given) => {
        for (const result of [parseMailParameters(input, given), parseRcptParameters(input, given)]) {
          if (result.status === 'ok')
            expect(Object.values(result.parameters).join('')).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});

describe('ORCPT properties', () => {
  it('takes each address that its own encoding carries', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        const xtext = address.replace(/[+=]/g, (c) => `+${c.charCodeAt(0).toString(16).toUpperCase()}`);
        const embedded = address.replace(
          /[+=\\]/g,
          (c) => `\\x{${c.charCodeAt(0).toString(16).toUpperCase()}}`,
        );
        expect(originalRecipientFault(`rfc822;${xtext}`, false)).toBeUndefined();
        expect(originalRecipientFault(`utf-8;${embedded}`, false)).toBeUndefined();
      }),
    );
  });
});
