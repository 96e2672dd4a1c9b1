/**
 * The one domain in whose name a message is written, as its From field says (RFC 5322 §3.6.2).
 *
 * It is only looked at to choose a key. A message with no From field, with several, or with authors
 * of several domains has none, because a signature for one of them would speak for the others.
 *
 * Callers: hooks/methods, engine. Never throws.
 */
import addressparser from 'nodemailer/lib/addressparser';
import { comparableDomain } from '../../smtp/domain.js';

/** No From field that a person wrote is longer, characters. */
const LONGEST_FROM = 10_000;

/** The domain in A-labels; undefined where there is not exactly one. */
export function authorDomain(header: { getAll(name: string): readonly string[] }): string | undefined {
  const [from, second] = header.getAll('from');
  if (from === undefined || second !== undefined || from.length > LONGEST_FROM) return undefined;
  let found: string | undefined;
  for (const { address } of addressparser(from, { flatten: true })) {
    const domain = domainOf(address);
    if (domain === '' || (found !== undefined && found !== domain)) return undefined;
    found = domain;
  }
  return found;
}

function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : comparableDomain(address.slice(at + 1));
}
