/**
 * Is a block list alive and sane?
 *
 * Every list must list 127.0.0.2 and must not list 127.0.0.1; the IPv6 ones likewise with the
 * mapped forms. A list that lists everything or nothing has usually been given up, and refusing
 * mail on its word would refuse everybody. Always resolves.
 *
 * Callers: app (before a list is used), cli. RFC 5782 §5.
 */
import type { Resolver } from '../dns/resolver.js';
import { checkDnsbl } from './dnsbl.js';
import { type CheckOutcome, printable } from './outcome.js';

/** `healthy`: both test entries are right; `listsNothing` and `listsEverything`: one of them is wrong. */
export type DnsblHealth = 'healthy' | 'listsNothing' | 'listsEverything' | 'listError' | 'tempError';

const MUST_BE_LISTED = '127.0.0.2';
const MUST_NOT_BE_LISTED = '127.0.0.1';

export async function probeDnsbl(
  deps: { readonly resolver: Resolver },
  args: { readonly zone: string; readonly signal?: AbortSignal },
): Promise<CheckOutcome<DnsblHealth>> {
  const [there, absent] = await Promise.all([
    checkDnsbl(deps, { ...args, ip: MUST_BE_LISTED }),
    checkDnsbl(deps, { ...args, ip: MUST_NOT_BE_LISTED }),
  ]);
  const evidence = [...there.evidence, ...absent.evidence];
  const zone = printable(args.zone, 100);
  for (const outcome of [there, absent]) {
    if (outcome.status === 'tempError' || outcome.status === 'listError') {
      return { status: outcome.status, explanation: outcome.explanation, evidence };
    }
  }
  if (absent.status === 'listed') {
    return { status: 'listsEverything', explanation: `${zone} lists ${MUST_NOT_BE_LISTED}`, evidence };
  }
  if (there.status !== 'listed') {
    return { status: 'listsNothing', explanation: `${zone} does not list ${MUST_BE_LISTED}`, evidence };
  }
  return { status: 'healthy', explanation: '', evidence };
}
