/** SPF answers with a result, whatever a domain publishes and whatever a client says. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkSpf } from '../../src/checks/spf.js';
import { systemClock } from '../../src/core/clock.js';
import { createFakeResolver } from '../helpers/fake-resolver.js';

const RESULTS = ['None', 'Neutral', 'Pass', 'Fail', 'SoftFail', 'TempError', 'PermError'];

const piece = fc.constantFrom(
  ...[
    ' ',
    '+',
    '-',
    '~',
    '?',
    'all',
    'a',
    'mx',
    'ptr',
    'exists',
    'include',
    'ip4',
    'ip6',
    'redirect',
    'exp',
    ':',
    '=',
  ],
  ...[
    '/',
    '//',
    '24',
    '0',
    '129',
    '192.0.2.1',
    '2001:db8::1',
    'd.example',
    'x.example',
    '.',
    '%',
    '%%',
    '%_',
    '%-',
  ],
  ...[
    '%{',
    '}',
    '%{d}',
    '%{l1r-}',
    '%{ir}',
    '%{p}',
    '%{S.-+}',
    '%{h9=}',
    's',
    'x=',
    '\u00e9',
    '\u0000',
    '\t',
  ],
);
const text = fc
  .array(fc.oneof({ weight: 9, arbitrary: piece }, { weight: 1, arbitrary: fc.string({ unit: 'binary' }) }), {
    maxLength: 30,
  })
  .map((pieces) => pieces.join(''));
const name = fc.oneof(
  fc.constantFrom('d.example', 'x.example', '', '[192.0.2.1]'),
  fc.string({ unit: 'binary' }),
);

it('always resolves to one of the seven results', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        text.map((terms) => `v=spf1 ${terms}`),
        { minLength: 1, maxLength: 2 },
      ),
      text,
      fc.record({
        ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
        helo: name,
        mailFrom: fc.oneof(
          fc.tuple(fc.string({ unit: 'binary' }), name).map((parts) => parts.join('@')),
          fc.constant('user@d.example'),
        ),
      }),
      async (records, other, args) => {
        const resolver = createFakeResolver({
          'd.example TXT': records,
          'd.example A': ['192.0.2.1'],
          'd.example MX': [{ preference: 1, exchange: 'x.example' }],
          'x.example TXT': [other, `v=spf1 ${other}`],
        });
        const outcome = await checkSpf({ resolver, clock: systemClock }, args);
        expect(RESULTS).toContain(outcome.status);
        expect(`${outcome.explanation}${outcome.domain}${outcome.evidence.join('')}`).not.toMatch(/\p{Cc}/u);
        // The record, ten terms, a reverse name and ten hosts for each, and as much for an explanation.
        expect(resolver.asked.length).toBeLessThan(250);
      },
    ),
  );
});
