/**
 * The address blacklists of the administrator: which spelling of an address is looked at, and what
 * is said when one hits.
 *
 * What is looked at is the address as it is meant: the local part without quotes and backslashes,
 * so that nobody gets around a pattern by quoting, and the domain as it was given, in A-labels and
 * in U-labels. A pattern that finds one of the spellings has found the address.
 *
 * Callers: internal/admin.
 */
import { comparableDomain, isAscii, readableDomain } from '../../smtp/domain.js';
import type { PatternList } from '../../settings/qregex.js';

/** Texts of the original, with the codes in front. */
export const DENIED = {
  sender: '553 5.7.1 sorry, your envelope sender has been denied (#5.7.1)',
  recipient: '553 5.7.1 sorry, your envelope recipient has been denied (#5.7.1)',
} as const;

/** The spellings of an address; the one as given comes first. */
export function spellingsOf(local: string, domain: string): readonly string[] {
  if (domain === '') return [local];
  const given = `${local}@${domain}`;
  if (!isAscii(domain)) return [given, `${local}@${comparableDomain(domain)}`];
  const readable = readableDomain(domain);
  return readable === domain ? [given] : [given, `${local}@${readable}`];
}

/** What hit, and on what; for the trace. */
export interface Hit {
  readonly address: string;
  readonly pattern: string;
}

/** The first pattern that hits the address. */
export function hitBy(list: PatternList, local: string, domain: string): Hit | undefined {
  if (list.size === 0) return undefined;
  const spellings = spellingsOf(local, domain);
  const pattern = list.firstHit(spellings);
  return pattern === undefined ? undefined : { address: spellings[0] ?? '', pattern };
}
