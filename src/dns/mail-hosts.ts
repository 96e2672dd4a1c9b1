/**
 * Which hosts take mail for a domain.
 *
 * MX records in order of preference; without any, the domain itself if it has an address; a null
 * MX says that nobody does. Equal preferences keep the order of the answer: who connects shuffles
 * them. Trouble with any question that matters is an outcome of its own and never reads as "no".
 *
 * Callers: checks/sender-mx, delivery routing. RFC 5321 §5.1, RFC 7505 §3.
 */
import { isIPv4 } from 'node:net';
import { foldName, isHostName } from './host-name.js';
import type { DnsOutcome, DnsTrouble, MxRecord, ResolveOptions, Resolver } from './resolver.js';

export interface MailHost {
  readonly host: string;
  /** Lower is tried first; 0 for an implicit MX. */
  readonly preference: number;
}

export type MailHosts =
  | {
      readonly status: 'hosts';
      /** At least one, at most 50. */
      readonly hosts: readonly MailHost[];
      /** The domain has no MX and stands for itself. */
      readonly implicit: boolean;
      readonly authentic: boolean;
      readonly ttlSeconds: number;
    }
  | { readonly status: 'nullMx' }
  /** There are MX records, but none names a host: no name of one, or an address in its place. */
  | { readonly status: 'unusable' }
  | { readonly status: 'none'; readonly nxdomain: boolean }
  | { readonly status: 'tempFail'; readonly trouble: DnsTrouble; readonly detail: string };

/** A domain with more is a joke or an attack; the best ones are enough. */
const MOST_HOSTS = 50;

/** `domain` in A-labels. */
export async function findMailHosts(
  resolver: Resolver,
  domain: string,
  options: ResolveOptions = {},
): Promise<MailHosts> {
  const name = foldName(domain);
  const mx = await resolver.resolve(name, 'MX', options);
  switch (mx.status) {
    case 'found':
      return fromRecords(mx);
    case 'tempFail':
      return mx;
    case 'none':
      return mx.nxdomain ? { status: 'none', nxdomain: true } : await implicitHost(resolver, name, options);
  }
}

function fromRecords(mx: Extract<DnsOutcome<MxRecord>, { status: 'found' }>): MailHosts {
  const named = mx.records.map((record) => ({
    host: foldName(record.exchange),
    preference: record.preference,
  }));
  // "." beside real hosts breaks RFC 7505; the real hosts are then what the owner meant.
  if (named.every(({ host }) => host === '.' || host === '')) return { status: 'nullMx' };
  const hosts = named
    .filter(({ host }) => isHostName(host) && !isIPv4(host))
    .sort((one, other) => one.preference - other.preference)
    .slice(0, MOST_HOSTS);
  if (hosts.length === 0) return { status: 'unusable' };
  return { status: 'hosts', hosts, implicit: false, authentic: mx.authentic, ttlSeconds: mx.ttlSeconds };
}

async function implicitHost(resolver: Resolver, name: string, options: ResolveOptions): Promise<MailHosts> {
  const [v4, v6] = await Promise.all([
    resolver.resolve(name, 'A', options),
    resolver.resolve(name, 'AAAA', options),
  ]);
  const found = v4.status === 'found' ? v4 : v6.status === 'found' ? v6 : undefined;
  if (found) {
    const { authentic, ttlSeconds } = found;
    return { status: 'hosts', hosts: [{ host: name, preference: 0 }], implicit: true, authentic, ttlSeconds };
  }
  if (v4.status === 'tempFail') return v4;
  if (v6.status === 'tempFail') return v6;
  return { status: 'none', nxdomain: false };
}
