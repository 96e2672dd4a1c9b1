/**
 * DNS block lists: is an address on one list, or on which of several.
 *
 * A listing is an answer inside 127.0.0.0/8, and its code says why. Codes in 127.255.255.0/24 are
 * the list's way to refuse the question, and an address outside 127/8 means that the zone is not
 * a list any more: both are errors of the list, never listings. "The list did not answer" is a
 * fourth thing. The reason (TXT) is asked only for a listed address, and its absence changes
 * nothing. Always resolves.
 *
 * Callers: hooks/methods, cli. RFC 5782 §2.1, RFC 5782 §2.4.
 */
import type { Resolver } from '../dns/resolver.js';
import { reverseLabels } from '../dns/reverse-name.js';
import { type CheckOutcome, printable } from './outcome.js';

export type DnsblStatus = 'listed' | 'notListed' | 'listError' | 'tempError';

export interface DnsblOutcome extends CheckOutcome<DnsblStatus> {
  readonly zone: string;
  /** Listed: the codes, such as `127.0.0.2`, lowest first. Otherwise empty. */
  readonly codes: readonly string[];
}

export interface DnsblDeps {
  readonly resolver: Resolver;
}

export interface DnsblArgs {
  /** The client's address, IPv4 or IPv6. */
  readonly ip: string;
  /** The list, such as `zen.example.org`; a final dot is allowed. */
  readonly zone: string;
  readonly signal?: AbortSignal;
}

export interface DnsblsArgs {
  readonly ip: string;
  readonly zones: readonly string[];
  readonly signal?: AbortSignal;
}

/** Zones are names of hosts, some with underscores; anything else would be asked in vain. */
const ZONE = /^[\w.-]{1,200}$/;

/** Asks one list. */
export async function checkDnsbl(deps: DnsblDeps, args: DnsblArgs): Promise<DnsblOutcome> {
  const zone = args.zone.trim().replace(/^\.|\.$/g, '');
  const labels = reverseLabels(args.ip.trim());
  if (zone === '') return verdict('listError', zone, 'no list was named');
  if (!ZONE.test(zone)) return verdict('listError', zone, `${printable(zone, 60)} is no name of a list`);
  if (labels === undefined) return verdict('listError', zone, `${printable(args.ip, 60)} is no address`);

  const name = `${labels}.${zone}`;
  const options = args.signal ? { signal: args.signal } : {};
  const answer = await deps.resolver.resolve(name, 'A', options);
  switch (answer.status) {
    case 'none':
      return verdict('notListed', zone, '', [`A ${name}: none`]);
    case 'tempFail': {
      const status = answer.trouble === 'badName' ? 'listError' : 'tempError';
      const detail = printable(answer.detail);
      return verdict(status, zone, `${zone}: ${detail}`, [`A ${name}: ${answer.trouble}`]);
    }
    case 'found':
      break;
  }
  const codes = [...new Set(answer.records)].sort(byNumber);
  const evidence = [`A ${name}: ${codes.join(' ')}`];
  const strange = codes.find((code) => !isListing(code));
  if (strange !== undefined) {
    return verdict('listError', zone, `${zone} answered ${strange}, which is no listing`, evidence);
  }
  const reason = await deps.resolver.resolve(name, 'TXT', options);
  const explanation = reason.status === 'found' ? printable(reason.records.join(' ')) : '';
  return { status: 'listed', zone, codes, explanation, evidence };
}

/** Asks several lists at once; the outcomes come in the order of `zones`. */
export async function checkDnsbls(deps: DnsblDeps, args: DnsblsArgs): Promise<readonly DnsblOutcome[]> {
  const { zones, ...rest } = args;
  return await Promise.all(zones.map((zone) => checkDnsbl(deps, { ...rest, zone })));
}

function verdict(
  status: Exclude<DnsblStatus, 'listed'>,
  zone: string,
  explanation: string,
  evidence: readonly string[] = [],
): DnsblOutcome {
  return { status, zone, codes: [], explanation, evidence };
}

function isListing(code: string): boolean {
  return code.startsWith('127.') && !code.startsWith('127.255.255.');
}

function byNumber(one: string, other: string): number {
  return numberOf(one) - numberOf(other);
}

function numberOf(code: string): number {
  return code.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
