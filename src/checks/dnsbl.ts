/**
 * DNS block lists: is an address on one list, or on which of several.
 *
 * A listing is an answer inside 127.0.0.0/8, and its code says why. Codes in 127.255.255.0/24 are
 * the list's way to refuse the question, and an address outside 127/8 means that the zone is not
 * a list any more: both are errors of the list, never listings. "The list did not answer" is a
 * fourth thing. The reason (TXT) is asked only for a listed address, and its absence changes
 * nothing. Any address is asked for, private ones too: an operator's own list may hold them.
 * Always resolves.
 *
 * Callers: hooks/methods, cli. RFC 5782 §2.1, RFC 5782 §2.4.
 */
import type { Clock } from '../core/clock.js';
import { type LateSignal, withLateDeadline } from '../core/deadline.js';
import type { DnsOutcome, Resolver } from '../dns/resolver.js';
import { reverseLabels } from '../dns/reverse-name.js';
import { answerText } from './dns-evidence.js';
import { type CheckOutcome, printable } from './outcome.js';

export type DnsblStatus = 'listed' | 'notListed' | 'listError' | 'tempError';

export interface DnsblOutcome extends CheckOutcome<DnsblStatus> {
  readonly zone: string;
  /** Listed: the codes, such as `127.0.0.2`, lowest first. Otherwise empty. */
  readonly codes: readonly string[];
}

export interface DnsblDeps {
  readonly resolver: Resolver;
  /** Bounds a list as a whole, its reason included. */
  readonly clock: Clock;
}

export interface DnsblArgs {
  /** The client's address, IPv4 or IPv6. */
  readonly ip: string;
  /** The list, such as `zen.example.org`; a final dot is allowed. */
  readonly zone: string;
  /** Milliseconds for the list, where it is to have less than the usual 5000. */
  readonly withinMs?: number;
  /** Ends the question early; its signal is read only where DNS has to be waited for. */
  readonly until?: LateSignal;
}

export interface DnsblsArgs {
  readonly ip: string;
  readonly zones: readonly string[];
  /** Milliseconds for each list, where it is to have less than the usual 5000. */
  readonly withinMs?: number;
  /** Ends the question early; its signal is read only where DNS has to be waited for. */
  readonly until?: LateSignal;
}

/** A list, and the labels that stand for an address in it. */
export interface ListQuestion {
  readonly labels: string;
  readonly zone: string;
  readonly withinMs?: number | undefined;
  readonly until?: LateSignal | undefined;
}

/** Milliseconds for one list, from where DNS is first waited for; the reason has what the listing left. */
const LIST_MS = 5000;

/** Zones are names of hosts, some with underscores; anything else would be asked in vain. */
const ZONE = /^[\w.-]{1,200}$/;

/** The name of a list as it is asked; `undefined` when it is none. */
export function listName(zone: string): string | undefined {
  const name = zone.trim().replace(/^\.|\.$/g, '');
  return ZONE.test(name) ? name : undefined;
}

/** Asks one list. */
export async function checkDnsbl(deps: DnsblDeps, args: DnsblArgs): Promise<DnsblOutcome> {
  const zone = listName(args.zone);
  const labels = reverseLabels(args.ip.trim());
  if (zone === undefined) {
    const named = printable(args.zone, 60);
    return verdict('listError', named, named === '' ? 'no list was named' : `${named} is no name of a list`);
  }
  if (labels === undefined) return verdict('listError', zone, `${printable(args.ip, 60)} is no address`);

  return await askList(deps, { labels, zone, withinMs: args.withinMs, until: args.until });
}

/** Asks one list about labels that are known to be good. */
export async function askList({ resolver, clock }: DnsblDeps, question: ListQuestion): Promise<DnsblOutcome> {
  const { zone, until, withinMs = LIST_MS } = question;
  const ms = Math.min(LIST_MS, withinMs);
  const name = `${question.labels}.${zone}`;
  const found: { listing?: DnsblOutcome } = {};
  const timed = await withLateDeadline({ clock, ms, until }, async (late) => {
    const outcome = listingOf(await resolver.resolve(name, 'A', late), name, zone);
    if (outcome.status !== 'listed') return outcome;
    found.listing = outcome;
    return withReason(outcome, name, await resolver.resolve(name, 'TXT', late));
  });
  if (timed.status === 'done') return timed.value;
  const trouble = timed.status === 'timedOut' ? 'timeout' : 'aborted';
  const late: DnsOutcome<string> = {
    status: 'tempFail',
    trouble,
    detail: `no answer for ${name}: ${trouble}`,
  };
  return found.listing ? withReason(found.listing, name, late) : listingOf(late, name, zone);
}

/** What the codes say, without a reason yet. */
function listingOf(answer: DnsOutcome<string>, name: string, zone: string): DnsblOutcome {
  const evidence = [`A ${name}: ${answerText(answer)}`];
  switch (answer.status) {
    case 'none':
      return verdict('notListed', zone, '', evidence);
    case 'tempFail': {
      const status = answer.trouble === 'badName' ? 'listError' : 'tempError';
      return verdict(status, zone, `${zone}: ${printable(answer.detail)}`, evidence);
    }
    case 'found':
      break;
  }
  const codes = [...new Set(answer.records)].sort(byNumber);
  const strange = codes.find((code) => !isListing(code));
  if (strange !== undefined) {
    return verdict('listError', zone, `${zone} answered ${strange}, which is no listing`, evidence);
  }
  return { status: 'listed', zone, codes, explanation: '', evidence };
}

/** A reason that is missing, or late, takes nothing from the listing. */
function withReason(listing: DnsblOutcome, name: string, answer: DnsOutcome<string>): DnsblOutcome {
  return {
    ...listing,
    explanation: answer.status === 'found' ? printable(answer.records.join(' ')) : '',
    evidence: [...listing.evidence, `TXT ${name}: ${answerText(answer)}`],
  };
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
