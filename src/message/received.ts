/**
 * The Received field: ours on top, and the count of those that are there (RFC 5321 §4.4, §6.3).
 *
 * The protocol has the registered names (RFC 3848, RFC 6531 §4.3), the cipher a clause of its own
 * (RFC 8314 §4.3). The user who has logged in is not named: the `A` of the protocol says that there
 * was one, and the field goes to every recipient.
 *
 * Callers: engine/accept. Every part that a client, a relay or DNS chose is cut down to characters
 * that cannot leave the field or forge a clause.
 */
import { formatDate } from './date.js';
import type { HeaderBlock } from './header-block.js';
import { formatHeaderField } from './header-field.js';

export interface Transmission {
  readonly lmtp: boolean;
  /** Whether the client used EHLO or LHLO. */
  readonly extended: boolean;
  /** Whether the message asked for SMTPUTF8. */
  readonly utf8: boolean;
  readonly secure: boolean;
  readonly authenticated: boolean;
}

export interface ReceivedFacts {
  /** The EHLO argument, a claim of the client. */
  readonly ehloHost: string;
  /** Host name of the client where somebody trusted has told it; empty without one. */
  readonly remoteName: string;
  readonly remoteIp: string;
  readonly hostname: string;
  readonly transmission: Transmission;
  readonly tls: { readonly version: string; readonly cipher: string } | undefined;
  readonly id: string;
  /** The only recipient; empty when there are several, since naming one would betray blind copies. */
  readonly recipient: string;
  readonly at: number;
}

/** Octets of one part at most; names and addresses have fewer. */
const LONGEST_PART = 300;

/** Everything outside names, addresses and literals becomes `?`. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9.:@_+=~/[\]-]/g, '?').slice(0, LONGEST_PART);
}

function literal(ip: string): string {
  return ip.includes(':') ? `[IPv6:${ip}]` : `[${ip}]`;
}

/** The name under `with`: `ESMTPSA`, `UTF8SMTP`, `LMTP`. */
export function transmissionType({ lmtp, extended, utf8, secure, authenticated }: Transmission): string {
  if (!extended) return 'SMTP';
  const base = `${utf8 ? 'UTF8' : ''}${lmtp ? 'LMTP' : utf8 ? 'SMTP' : 'ESMTP'}`;
  return `${base}${secure ? 'S' : ''}${authenticated ? 'A' : ''}`;
}

/** An address that cannot be written as it is stays away: a changed one would be somebody else's. */
function target({ recipient }: ReceivedFacts): string {
  return recipient !== '' && plain(recipient) === recipient ? ` for <${recipient}>` : '';
}

/** The whole field, folded, CRLF at the end. */
export function formatReceived(facts: ReceivedFacts): Buffer {
  const { tls } = facts;
  const name = facts.remoteName === '' ? '' : `${plain(facts.remoteName)} `;
  const from = `from ${plain(facts.ehloHost) || 'unknown'} (${name}${literal(plain(facts.remoteIp))})`;
  const by = `by ${plain(facts.hostname)} (Postern)`;
  const how = `with ${transmissionType(facts.transmission)} id ${facts.id}${target(facts)}`;
  const cipher = tls ? ` tls ${plain(tls.cipher)} (${plain(tls.version)})` : '';
  return formatHeaderField('Received', `${from} ${by} ${how}${cipher}; ${formatDate(facts.at)}`);
}

/** How many hosts have passed the message on, by its own account. */
export function countReceived(header: HeaderBlock): number {
  return header.count('received');
}
