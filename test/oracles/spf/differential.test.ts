/**
 * SPF here, in pyspf and in Mail::SPF, asked the same of the same real name server.
 *
 * Records and senders are made up by a seeded generator. Where an answer differs, the table in
 * differences.ts must say why.
 */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSpf } from '../../../src/checks/spf.js';
import { systemClock } from '../../../src/core/clock.js';
import { createUdpResolver } from '../../../src/dns/udp-resolver.js';
import { startNsd } from '../../helpers/nsd.js';
import { requireFile, requireProgram } from '../../helpers/real-parts.js';
import { type GeneratedCase, generateCases } from './cases.js';
import { CHOSEN_CASES } from './chosen.js';
import { type Answer, type Difference, REASONS, type Reason, reasonsFor } from './differences.js';
import { askOracle, type OracleAnswer } from './line-oracle.js';
import { FAILING, WORLD } from './world.js';

const SEED = 7208;
const COUNT = 1500;

const nsd = requireProgram('nsd', 'nsd');
// The modules are Debian's, and so are the interpreters that find them.
const pyspf = requireFile('/usr/lib/python3/dist-packages/spf.py', 'python3-spf');
const dnspython = requireFile('/usr/lib/python3/dist-packages/dns', 'python3-dnspython');
const mailSpf = requireFile('/usr/share/perl5/Mail/SPF.pm', 'libmail-spf-perl');
const PYTHON = '/usr/bin/python3';
const PERL = '/usr/bin/perl';

interface Answers {
  readonly ours: ReadonlyMap<string, Answer>;
  readonly pyspf: ReadonlyMap<string, OracleAnswer>;
  readonly mailSpf: ReadonlyMap<string, OracleAnswer>;
}

async function askOurs(cases: readonly GeneratedCase[], server: string): Promise<Map<string, Answer>> {
  const resolver = createUdpResolver({ clock: systemClock, servers: [server] });
  const answers = new Map<string, Answer>();
  for (const { id, ip, helo, from, receiver } of cases) {
    const outcome = await checkSpf({ resolver, clock: systemClock }, { ip, helo, mailFrom: from, receiver });
    const result = outcome.status.toLowerCase();
    // Our own words stand where the owner has none.
    const theirs = outcome.explanation.startsWith('domain of ') ? 'DEFAULT' : outcome.explanation;
    answers.set(id, { result, explanation: result === 'fail' ? theirs : '' });
  }
  resolver.close();
  return answers;
}

function differences(cases: readonly GeneratedCase[], answers: Answers): Difference[] {
  return cases.flatMap((of) => {
    const ours = answers.ours.get(of.id) ?? { result: 'missing', explanation: '' };
    const both = [
      ['pyspf', answers.pyspf.get(of.id)],
      ['Mail::SPF', answers.mailSpf.get(of.id)],
    ] as const;
    return both.flatMap(([oracle, theirs]) => {
      if (theirs?.result === ours.result && theirs.explanation === ours.explanation) return [];
      return theirs ? [{ of, oracle, ours, theirs }] : [];
    });
  });
}

function told({ of, oracle, ours, theirs }: Difference): string {
  const { id, ip, helo, from, texts } = of;
  const said = [`here ${ours.result} "${ours.explanation}"`, `${oracle} ${JSON.stringify(theirs)}`];
  return [`${id}: ${from} from ${ip}, EHLO ${helo}`, ...said, ...texts].join('\n  ');
}

describe.skipIf(!nsd || !pyspf || !dnspython || !mailSpf)('SPF beside two other implementations', () => {
  const cases = [...generateCases(SEED, COUNT), ...CHOSEN_CASES];
  const found = new Map<Reason, Difference[]>();
  const unexplained: Difference[] = [];
  const results = new Map<string, number>();
  let stop = (): Promise<void> => Promise.resolve();

  beforeAll(async () => {
    const records = [...WORLD, ...cases.flatMap(({ zone }) => zone)];
    const server = await startNsd(nsd ?? '', { records, failing: FAILING });
    stop = () => server.stop();
    const script = (name: string): readonly string[] => [join(import.meta.dirname, name), server.address];
    const [ours, pyspf, mailSpf] = await Promise.all([
      askOurs(cases, server.address),
      askOracle(PYTHON, script('pyspf-oracle.py'), cases),
      askOracle(PERL, script('mail-spf-oracle.pl'), cases),
    ]);
    for (const { result } of ours.values()) results.set(result, (results.get(result) ?? 0) + 1);
    for (const difference of differences(cases, { ours, pyspf, mailSpf })) {
      const reason = reasonsFor(difference.oracle).find(({ covers }) => covers(difference));
      if (reason) found.set(reason, [...(found.get(reason) ?? []), difference]);
      else unexplained.push(difference);
    }
  });
  afterAll(() => stop());

  it('asks enough, with every result', () => {
    expect(cases.length).toBeGreaterThanOrEqual(500);
    const all = ['none', 'neutral', 'pass', 'fail', 'softfail', 'temperror', 'permerror'];
    for (const result of all) expect(results.get(result) ?? 0).toBeGreaterThan(20);
  });

  it('differs nowhere without a reason', () => {
    expect(unexplained.map(told).join('\n\n')).toBe('');
  });

  const table = REASONS.map((reason) => [reason.title, reason.section, reason.right, reason] as const);
  it.each(table)('still differs: %s (%s; right: %s)', (_title, _section, _right, reason) => {
    expect(found.get(reason)?.length ?? 0).toBeGreaterThan(0);
  });
});
