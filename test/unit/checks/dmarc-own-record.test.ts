import { evaluateDmarc } from 'mailauth/lib/dmarc/index.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerOfOwnRecord } from '../../../src/checks/dmarc-own-record.js';
import { mailauthLookups } from '../../../src/checks/mailauth-lookups.js';
import { dmarc, type Given, record, REJECT, signature } from '../../helpers/dmarc-cases.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';
import type { Zone } from '../../helpers/judge-signatures.js';

const OWN = '_dmarc.example.org TXT';

describe('the record of the author', () => {
  it.each<[string, Zone, Given, string, readonly string[]]>([
    ['SPF of the author', REJECT, { spf: 'example.org' }, 'Pass', [OWN]],
    ['a signature of the author', REJECT, { dkim: [signature('Example.ORG')] }, 'Pass', [OWN]],
    ['its policy in test', record('p=reject; t=y'), { spf: 'example.org' }, 'Pass', [OWN]],
    [
      'somebody else of the same suffix beside the author',
      REJECT,
      { spf: 'sender.org', dkim: [signature('other.org'), signature('example.org')] },
      'Pass',
      [OWN],
    ],
    [
      'a domain below the author',
      REJECT,
      { spf: 'a.b.example.org' },
      'Pass',
      [OWN, '_dmarc.a.b.example.org TXT', '_dmarc.b.example.org TXT'],
    ],
    ['nobody', REJECT, {}, 'Fail', [OWN]],
    ['somebody of another suffix', REJECT, { spf: 'example.net' }, 'Fail', [OWN]],
    [
      'a domain below, where only the same counts',
      record('p=none; aspf=s'),
      { spf: 'a.example.org' },
      'Fail',
      [OWN],
    ],
    [
      'a sister, where the organization begins here',
      record('p=none; psd=n'),
      { spf: 'x.org' },
      'Fail',
      [OWN],
    ],
  ])('%s: no question goes above it', async (...[, zone, given, status, asked]) => {
    const resolver = createFakeResolver({ ...zone, '_dmarc.org TXT': 'timeout' });
    expect((await dmarc(zone, given, resolver)).status).toBe(status);
    expect(resolver.asked).toEqual(asked);
  });

  it('asks above it where that tells who belongs to the author', async () => {
    const resolver = createFakeResolver(REJECT);
    await dmarc(REJECT, { spf: 'sender.org' }, resolver);
    expect(resolver.asked).toEqual([OWN, '_dmarc.org TXT']);
  });

  it('asks each question once, also where SPF or DKIM is in doubt', async () => {
    const resolver = createFakeResolver({ ...REJECT, '_dmarc.org TXT': 'timeout' });
    const given: Given = {
      spf: 'sender.org',
      spfTrouble: 'other.org',
      dkim: [signature('x.org', 'TempError')],
    };
    expect((await dmarc(REJECT, given, resolver)).status).toBe('TempError');
    expect(resolver.asked).toEqual([...new Set(resolver.asked)]);
  });
});

describe('a record that was read before', () => {
  it('is asked for again, and never stands for another one', async () => {
    for (const [zone, policy] of [
      [REJECT, 'reject'],
      [record('p=none'), 'none'],
      [REJECT, 'reject'],
      [record('p=reject; p=none'), ''],
      [{ [OWN]: ['v=DMARC1; p=reject', 'v=DMARC1; p=none'] }, ''],
    ] as const) {
      expect((await dmarc(zone, { spf: 'example.org' })).policy).toBe(policy);
    }
  });
});

const domain = fc.constantFrom(
  ...['org', 'example.org', 'a.example.org', 'b.example.org', 'c.b.example.org', 'other.org', 'net'],
  ...['example.net', 'EXAMPLE.org', 'example.org.', 'l1.l2.l3.l4.l5.l6.example.org', '', '192.0.2.1'],
);
const policy = fc.constantFrom(
  'p=none',
  'p=quarantine',
  'p=reject',
  'p=reject',
  'p=what',
  'rua=mailto:a@b.org',
);
const tag = fc.constantFrom(
  ...['sp=none', 'np=reject', 't=y', 'psd=y', 'psd=n', 'psd=u', 'adkim=s', 'aspf=s', 'junk', 'p=none'],
);
const text = fc
  .tuple(policy, fc.uniqueArray(tag, { maxLength: 3 }))
  .map(([first, rest]) => ['v=DMARC1', first, ...rest].join('; '));
const answers = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(text) },
  fc.array(text, { maxLength: 2 }),
  fc.constantFrom('timeout' as const, 'none' as const),
);
const policies = fc
  .tuple(
    answers,
    fc.dictionary(
      fc.constantFrom('org', 'a.example.org', 'b.example.org', 'c.b.example.org', 'net', 'x.example.net'),
      answers,
    ),
  )
  .map(([own, others]) => ({ ...others, 'example.org': own }));
const identities = fc.array(domain, { maxLength: 3 });
const cases = fc.record({
  policies,
  author: fc.constantFrom(
    'example.org',
    'example.org',
    'b.example.org',
    'x.example.net',
    'org',
    '[192.0.2.1]',
  ),
  spf: fc.array(domain, { maxLength: 1 }),
  dkim: identities,
});

type Case = typeof cases extends fc.Arbitrary<infer T> ? T : never;

function zoneOf(given: Case, withTrouble: boolean): Zone {
  const entries = Object.entries(given.policies).filter(([, answer]) => withTrouble || answer !== 'timeout');
  return Object.fromEntries(entries.map(([name, answer]) => [`_dmarc.${name} TXT`, answer]));
}

function requestOf({ author, spf, dkim }: Case, zone: Zone) {
  return {
    headerFrom: [`ann@${author}`],
    fromFields: 1,
    spfDomains: spf.map((one) => ({ domain: one })),
    dkimDomains: dkim.map((one) => ({ domain: one })),
    resolver: mailauthLookups(createFakeResolver(zone), {}).resolve,
    strict: true,
  };
}

describe('against the library, which walks', () => {
  const judged = (response: Awaited<ReturnType<typeof answerOfOwnRecord>>) => ({
    result: response?.status.result,
    from: response?.status.header?.from,
    policyDomain: response?.policyDomain,
    policy: response?.policy,
  });

  it('comes to the same, silence above the author aside', async () => {
    let decided = 0;
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const answer = await answerOfOwnRecord(requestOf(given, zoneOf(given, true)));
        if (!answer) return;
        decided += 1;
        // Where it does not decide by itself, what a silent name might have said must not matter.
        const { response } = await evaluateDmarc(requestOf(given, zoneOf(given, false)));
        expect(response === false ? undefined : judged(response)).toEqual(judged(answer));
      }),
      { numRuns: 3000 },
    );
    expect(decided).toBeGreaterThan(500);
  });

  it('names only domains that the library finds aligned by themselves', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async (given) => {
        const zone = zoneOf(given, false);
        const answer = await answerOfOwnRecord(requestOf(given, zone));
        const { spf, dkim } = answer?.alignment ?? {};
        if (spf?.result) {
          const { response } = await evaluateDmarc(
            requestOf({ ...given, spf: [spf.result], dkim: [] }, zone),
          );
          expect(response !== false && response.alignment?.spf.result).toBe(spf.result);
        }
        if (dkim?.result) {
          const { response } = await evaluateDmarc(
            requestOf({ ...given, spf: [], dkim: [dkim.result] }, zone),
          );
          expect(response !== false && response.alignment?.dkim.result).toBe(dkim.result);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
