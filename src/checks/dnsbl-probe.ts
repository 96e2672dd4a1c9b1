/**
 * Is a block list alive and sane?
 *
 * Every list must list 127.0.0.2 and must not list 127.0.0.1; a list of IPv6 addresses likewise
 * ::FFFF:7F00:2 and ::FFFF:7F00:1. A list that lists everything or nothing has usually been given
 * up, and refusing mail on its word would refuse everybody. Always resolves.
 *
 * Callers: cli. RFC 5782 §5.
 */
import type { IpAddress } from '../dns/ip-address.js';
import { addressLabels } from '../dns/reverse-name.js';
import { askList, type DnsblDeps, type DnsblOutcome, listName } from './dnsbl.js';
import { type CheckOutcome, printable } from './outcome.js';

/** `healthy`: the test entries are right; `listsNothing` and `listsEverything`: one of them is wrong. */
export type DnsblHealth = 'healthy' | 'listsNothing' | 'listsEverything' | 'listError' | 'tempError';

export interface DnsblHealthOutcome extends CheckOutcome<DnsblHealth> {
  readonly zone: string;
  /** The address families for which the test entries are right. */
  readonly families: readonly (4 | 6)[];
}

interface TestPoints {
  readonly family: 4 | 6;
  readonly there: IpAddress;
  readonly absent: IpAddress;
  /** How the two are written. */
  readonly names: readonly [there: string, absent: string];
}

function mapped(last: number): IpAddress {
  return { family: 6, octets: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, last] };
}

const TEST_POINTS: readonly TestPoints[] = [
  {
    family: 4,
    there: { family: 4, octets: [127, 0, 0, 2] },
    absent: { family: 4, octets: [127, 0, 0, 1] },
    names: ['127.0.0.2', '127.0.0.1'],
  },
  { family: 6, there: mapped(2), absent: mapped(1), names: ['::FFFF:7F00:2', '::FFFF:7F00:1'] },
];

interface FamilyHealth {
  readonly family: 4 | 6;
  readonly status: DnsblHealth;
  readonly explanation: string;
  readonly evidence: readonly string[];
}

/** What one family says about the list, the weightiest first: a good half excuses a missing one only. */
const BY_WEIGHT: readonly DnsblHealth[] = [
  'listError',
  'listsEverything',
  'healthy',
  'tempError',
  'listsNothing',
];

export async function probeDnsbl(
  deps: DnsblDeps,
  args: { readonly zone: string },
): Promise<DnsblHealthOutcome> {
  const zone = listName(args.zone);
  if (zone === undefined) {
    const explanation = `${printable(args.zone, 60)} is no name of a list`;
    return { status: 'listError', zone: args.zone, families: [], explanation, evidence: [] };
  }
  const halves = await Promise.all(
    TEST_POINTS.map(async (points) => {
      const ask = (address: IpAddress): Promise<DnsblOutcome> =>
        askList(deps, { labels: addressLabels(address), zone });
      return judge(points, await Promise.all([ask(points.there), ask(points.absent)]));
    }),
  );
  const evidence = halves.flatMap((half) => half.evidence);
  const families = halves.filter(({ status }) => status === 'healthy').map(({ family }) => family);
  const status = BY_WEIGHT.find((one) => halves.some((half) => half.status === one)) ?? 'listsNothing';
  const explanation = halves.find((half) => half.status === status)?.explanation ?? '';
  return { status, zone, families, explanation, evidence };
}

function judge(points: TestPoints, answers: readonly [DnsblOutcome, DnsblOutcome]): FamilyHealth {
  const [there, absent] = answers;
  const { family, names } = points;
  const evidence = [...there.evidence, ...absent.evidence];
  const found = (status: DnsblHealth, explanation: string): FamilyHealth => ({
    family,
    status,
    explanation,
    evidence,
  });
  for (const wanted of ['listError', 'tempError'] as const) {
    const trouble = answers.find(({ status }) => status === wanted);
    if (trouble) return found(wanted, trouble.explanation);
  }
  if (absent.status === 'listed') return found('listsEverything', `${there.zone} lists ${names[1]}`);
  if (there.status !== 'listed') return found('listsNothing', `${there.zone} does not list ${names[0]}`);
  return found('healthy', '');
}
