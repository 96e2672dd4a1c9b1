/**
 * The Received field: ours on top, and the count of those that are there (RFC 5321 §4.4, §6.3).
 *
 * Callers: engine/accept. Every part that a client or DNS chose is cut down to characters that
 * cannot leave the field or forge a clause.
 */
import { formatDate } from './date.js';
import type { HeaderBlock } from './header-block.js';
import { formatHeaderField } from './header-field.js';

export interface ReceivedFacts {
  /** The EHLO argument, a claim of the client. */
  readonly ehloHost: string;
  readonly remoteIp: string;
  readonly hostname: string;
  /** `SMTP` or `ESMTP`, with `S` and `A` for TLS and AUTH (RFC 3848). */
  readonly protocol: string;
  readonly id: string;
  /** The only recipient; empty when there are several, since naming one would betray blind copies. */
  readonly recipient: string;
  readonly at: number;
}

/** Everything outside names, addresses and literals becomes `?`. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9.:@_+=~/[\]-]/g, '?').slice(0, 300);
}

function literal(ip: string): string {
  return ip.includes(':') ? `[IPv6:${ip}]` : `[${ip}]`;
}

/** The whole field, folded, CRLF at the end. */
export function formatReceived(facts: ReceivedFacts): Buffer {
  const from = `from ${plain(facts.ehloHost) || 'unknown'} (${literal(plain(facts.remoteIp))})`;
  const by = `by ${plain(facts.hostname)} (Postern) with ${facts.protocol} id ${facts.id}`;
  const target = facts.recipient === '' ? '' : ` for <${plain(facts.recipient)}>`;
  return formatHeaderField('Received', `${from} ${by}${target}; ${formatDate(facts.at)}`);
}

/** How many hosts have passed the message on, by its own account. */
export function countReceived(header: HeaderBlock): number {
  return header.count('received');
}
