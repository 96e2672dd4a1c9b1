import { describe, expect, it } from 'vitest';
import { dmarc, type Given, record, REJECT } from '../../helpers/dmarc-cases.js';
import { createFakeResolver } from '../../helpers/fake-resolver.js';
import type { Zone } from '../../helpers/judge-signatures.js';

/** RFC 9989 §4.7 and §4.10.1. */
describe('the policy', () => {
  const below = { from: ['a@mail.example.org'] };
  const exists: Zone = { 'mail.example.org A': ['192.0.2.1'] };

  it.each<[string, Zone, Given, readonly [policy: string, at: string]]>([
    ['p=none', record('p=none'), {}, ['none', 'example.org']],
    ['p=quarantine', record('p=quarantine'), {}, ['quarantine', 'example.org']],
    ['p=REJECT, in capitals', record('p=REJECT'), {}, ['reject', 'example.org']],
    ['p= for a domain below', REJECT, below, ['reject', 'example.org']],
    ['sp= for a domain below', { ...record('p=reject; sp=none'), ...exists }, below, ['none', 'example.org']],
    ['sp= does not count for the domain itself', record('p=none; sp=reject'), {}, ['none', 'example.org']],
    [
      'np= for a domain that does not exist',
      record('p=none; sp=none; np=reject'),
      below,
      ['reject', 'example.org'],
    ],
    [
      'np= not for one that does',
      { ...record('p=none; sp=quarantine; np=reject'), ...exists },
      below,
      ['quarantine', 'example.org'],
    ],
    [
      'a record of its own',
      { ...REJECT, ...record('p=none', 'mail.example.org') },
      below,
      ['none', 'mail.example.org'],
    ],
    ['t=y asks for one step less', record('p=reject; t=y'), {}, ['quarantine', 'example.org']],
    ['t=y with quarantine', record('p=quarantine; t=y'), {}, ['none', 'example.org']],
    [
      't=y after sp=',
      { ...record('p=none; sp=reject; t=y'), ...exists },
      below,
      ['quarantine', 'example.org'],
    ],
    ['t=n', record('p=reject; t=n'), {}, ['reject', 'example.org']],
    ['pct= is history', record('p=reject; pct=0'), {}, ['reject', 'example.org']],
    ['a public suffix with psd=y', record('p=reject; psd=y', 'org'), {}, ['reject', 'org']],
    [
      'psd=n ends the way up',
      { ...REJECT, ...record('p=none; psd=n', 'mail.example.org') },
      { from: ['a@x.mail.example.org'] },
      ['none', 'mail.example.org'],
    ],
    [
      'white space everywhere',
      { '_dmarc.example.org TXT': ['v = DMARC1 ;\tp = reject ; '] },
      {},
      ['reject', 'example.org'],
    ],
    [
      'other records beside it',
      { '_dmarc.example.org TXT': ['hello', 'v=DMARC1; p=reject', 'v=spf1 -all'] },
      {},
      ['reject', 'example.org'],
    ],
    [
      'an unknown p= with a report address',
      record('p=maybe; rua=mailto:a@example.org'),
      {},
      ['none', 'example.org'],
    ],
    ['no p= with a report address', record('rua=mailto:a@example.org'), {}, ['none', 'example.org']],
  ])('%s', async (_title, zone, given, [policy, policyDomain]) => {
    expect(await dmarc(zone, given)).toMatchObject({ status: 'Fail', policy, policyDomain });
  });

  it.each<[string, Zone]>([
    ['no record', {}],
    ['no such name', { '_dmarc.example.org TXT': 'nxdomain' }],
    ['something else', { '_dmarc.example.org TXT': ['v=spf1 -all'] }],
    ['another version', { '_dmarc.example.org TXT': ['v=DMARC2; p=reject'] }],
    ['a version in small letters', { '_dmarc.example.org TXT': ['v=dmarc1; p=reject'] }],
    ['the version not first', { '_dmarc.example.org TXT': ['p=reject; v=DMARC1'] }],
    ['two records', { '_dmarc.example.org TXT': ['v=DMARC1; p=reject', 'v=DMARC1; p=none'] }],
    ['a tag twice', record('p=reject; p=none')],
    ['no p=', record('adkim=s')],
    ['an unknown p= and nobody to tell', record('p=maybe')],
    ['a record for the wrong name', record('p=reject', 'example.net')],
    ['a record of 64 KB without p=', record('x'.repeat(65_000))],
    [
      'a hundred records',
      { '_dmarc.example.org TXT': Array.from({ length: 100 }, (_, at) => `v=DMARC1; p=reject; n=${at}`) },
    ],
  ])('%s: None, and no policy', async (_title, zone) => {
    expect(await dmarc(zone, { spf: 'example.org' })).toMatchObject({
      status: 'None',
      policy: '',
      policyDomain: '',
      domain: 'example.org',
    });
  });

  it('is sought in at most eight steps, seven labels at a time', async () => {
    const resolver = createFakeResolver({});
    const labels = Array.from({ length: 40 }, (_, at) => `l${at}`).join('.');
    await dmarc({}, { from: [`a@${labels}.example.org`] }, resolver);
    expect(resolver.asked.length).toBeLessThanOrEqual(8);
    expect(resolver.asked.at(-1)).toBe('_dmarc.org TXT');
  });
});
