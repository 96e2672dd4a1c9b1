/** Whatever DNS answers, and whatever is asked for, the checks end in a status and in printable text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDnsbls } from '../../src/checks/dnsbl.js';
import { probeDnsbl } from '../../src/checks/dnsbl-probe.js';
import type { CheckOutcome } from '../../src/checks/outcome.js';
import { checkReverseDns } from '../../src/checks/reverse-dns.js';
import { checkSenderMx } from '../../src/checks/sender-mx.js';
import type { Resolver } from '../../src/dns/resolver.js';
import { createFakeClock } from '../helpers/fake-clock.js';

const text = fc.string({ unit: 'binary', maxLength: 300 });
const name = fc.oneof(fc.domain(), text, fc.constantFrom('.', '', 'a..b', '192.0.2.1', 'xn--\u00fc.example'));
const address = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('127.0.0.2', '127.255.255.254', '::ffff:127.0.0.2'),
);
const trouble = fc.constantFrom(
  'timeout',
  'servfail',
  'refused',
  'network',
  'malformed',
  'badName',
  'aborted',
);

const answered = (records: fc.Arbitrary<unknown>) =>
  fc.oneof(
    fc.record({
      status: fc.constant('found'),
      records: fc.array(records, { minLength: 1, maxLength: 20 }),
      ttlSeconds: fc.nat(),
      authentic: fc.boolean(),
    }),
    fc.record({
      status: fc.constant('none'),
      nxdomain: fc.boolean(),
      ttlSeconds: fc.nat(),
      authentic: fc.boolean(),
    }),
    fc.record({ status: fc.constant('tempFail'), trouble, detail: text }),
  );

const world = fc.record({
  A: answered(address),
  AAAA: answered(address),
  PTR: answered(name),
  TXT: answered(text),
  MX: answered(fc.record({ preference: fc.nat(65_535), exchange: name })),
});

function resolverOf(answers: Readonly<Record<string, unknown>>): Resolver {
  return { resolve: async (_name, type) => answers[type] as never, close: () => undefined };
}

function expectSound(outcome: CheckOutcome<string>, statuses: readonly string[]): void {
  expect(statuses).toContain(outcome.status);
  for (const line of [outcome.explanation, ...outcome.evidence]) {
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    expect(line.length).toBeLessThan(2000);
  }
}

describe('the checks of DNS', () => {
  it('end in a status', async () => {
    await fc.assert(
      fc.asyncProperty(world, fc.oneof(address, text), name, async (answers, ip, domain) => {
        const deps = { resolver: resolverOf(answers), clock: createFakeClock() };
        const listed = ['listed', 'notListed', 'listError', 'tempError'];
        for (const outcome of await checkDnsbls(deps, { ip, zones: [domain, 'bl.example'] })) {
          expectSound(outcome, listed);
          expect(outcome.status === 'listed').toBe(outcome.codes.length > 0);
        }
        const health = ['healthy', 'listsNothing', 'listsEverything', 'listError', 'tempError'];
        expectSound(await probeDnsbl(deps, { zone: domain }), health);
        const mx = await checkSenderMx(deps, { domain });
        expectSound(mx, ['Pass', 'Fail', 'Neutral', 'Error']);
        expect(mx.status === 'Pass').toBe(mx.hosts.length > 0);
        const reverse = await checkReverseDns(deps, { ip });
        expectSound(reverse, ['pass', 'fail', 'neutral', 'error']);
        expect(reverse.names.length).toBeLessThanOrEqual(10);
      }),
      { numRuns: 1500 },
    );
  });
});
