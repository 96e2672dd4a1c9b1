/**
 * What a message needs of its next hop, compared with what that one offers.
 *
 * Nothing is converted: a message that the peer cannot carry fails with the code of RFC 3463 that
 * says what is missing, and is not sent in the hope that it works.
 *   size over the announced limit          5.3.4   (RFC 1870 §6.1)
 *   8-bit content, no 8BITMIME             5.6.3   (RFC 6152 §3)
 *   binary content, no CHUNKING+BINARYMIME 5.6.3   (RFC 3030 §3)
 *   address or header in UTF-8, no SMTPUTF8 5.6.7  (RFC 6531 §3.5)
 *   REQUIRETLS, no verified TLS or no REQUIRETLS 5.7.30 (RFC 8689 §4.2)
 *   REQUIRETLS, and the handshake failed this time 4.7.30, to be tried again
 *
 * Callers: delivery/smtp/transaction. Rejects when the body cannot be read.
 */
import { isAscii } from 'node:buffer';
import type { JsonObject, JsonValue, QueueEntry, RecipientState } from '../../queue/entry.js';
import type { NotDelivered } from '../transport.js';
import type { PeerFacts } from './client.js';

export interface Plan {
  /** What follows `MAIL FROM:<...>`, with a blank in front, or nothing. */
  readonly mailParameters: string;
  readonly recipients: readonly RecipientState[];
  /** Whether NOTIFY and ORCPT are passed on. */
  readonly passDsn: boolean;
  readonly content: 'data' | 'bdat';
  /** Recipients that this peer cannot serve. */
  readonly refused: readonly NotDelivered[];
}

export interface PlanSubject {
  readonly entry: QueueEntry;
  readonly recipients: readonly RecipientState[];
  readonly peer: PeerFacts;
  /** LMTP on this machine is delivery, not transport: no line is there to be overheard. */
  readonly isLocalDelivery: boolean;
}

/** A parameter value as it was checked when the message came; anything else is left out. */
const PLAIN_VALUE = /^[!-<>-~]+$/;
const UNFIT_ADDRESS = /[\u0000-\u001f\u007f]/;

async function holdsEightBit({ header, body }: QueueEntry): Promise<boolean> {
  if (!isAscii(header)) return true;
  if (body.place === 'memory') return !isAscii(body.bytes);
  for await (const piece of body.stream()) if (!isAscii(piece)) return true;
  return false;
}

function isPlain(text: string): boolean {
  return isAscii(Buffer.from(text, 'utf8'));
}

/** Answers with the code and the words; a code that begins with 4 defers. */
type Need = (subject: PlanSubject, eightBit: boolean) => string | undefined;

/** What the message as a whole cannot do without; the first that is missing decides. */
const NEEDS: readonly Need[] = [
  ({ entry, peer, isLocalDelivery }) => {
    if (entry.envelope['requireTls'] !== true || isLocalDelivery) return undefined;
    if (peer.failedTls) return '4.7.30 the sender requires TLS (REQUIRETLS), and the handshake failed';
    if (!peer.verified) return '5.7.30 the sender requires TLS with a valid certificate (REQUIRETLS)';
    if (!peer.extensions.has('REQUIRETLS')) return '5.7.30 the next hop does not offer REQUIRETLS';
    return undefined;
  },
  ({ entry, peer }) => {
    const limit = Number(peer.extensions.get('SIZE') ?? 0);
    if (!(limit > 0) || entry.size <= limit) return undefined;
    return `5.3.4 the message of ${entry.size} octets is larger than the next hop takes (${limit})`;
  },
  ({ entry, peer: { extensions } }) => {
    if (entry.envelope['body'] !== 'BINARYMIME') return undefined;
    if (extensions.has('CHUNKING') && extensions.has('BINARYMIME')) return undefined;
    return '5.6.3 the message is binary, and the next hop does not offer BINARYMIME with CHUNKING';
  },
  ({ entry, peer: { extensions } }) => {
    if (extensions.has('SMTPUTF8')) return undefined;
    if (!isPlain(entry.sender)) return '5.6.7 the sender needs SMTPUTF8, which the next hop does not offer';
    if (entry.envelope['smtpUtf8'] !== true || isAscii(entry.header)) return undefined;
    return '5.6.7 the header needs SMTPUTF8, which the next hop does not offer';
  },
  ({ peer: { extensions } }, eightBit) => {
    if (!eightBit || extensions.has('8BITMIME')) return undefined;
    return '5.6.3 the message holds 8-bit text, and the next hop does not offer 8BITMIME';
  },
  ({ entry }) => (UNFIT_ADDRESS.test(entry.sender) ? '5.1.7 the sender holds control characters' : undefined),
];

function recipientNeed({ address }: RecipientState, { extensions }: PeerFacts): string | undefined {
  if (UNFIT_ADDRESS.test(address)) return '5.1.3 the address holds control characters';
  if (isPlain(address) || extensions.has('SMTPUTF8')) return undefined;
  return '5.6.7 the address needs SMTPUTF8, which the next hop does not offer';
}

function valueOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && PLAIN_VALUE.test(value) ? value : undefined;
}

function bodyParameter(body: JsonValue | undefined, eightBit: boolean, peer: PeerFacts): string[] {
  if (body === 'BINARYMIME') return ['BODY=BINARYMIME'];
  const isOffered = peer.extensions.has('8BITMIME');
  return isOffered && (eightBit || body === '8BITMIME') ? ['BODY=8BITMIME'] : [];
}

function dsnParameters({ ret, envid }: JsonObject): string[] {
  const values = { RET: valueOf(ret), ENVID: valueOf(envid) };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

function mailParameters(subject: PlanSubject, eightBit: boolean): string {
  const { entry, recipients, peer, isLocalDelivery } = subject;
  const { envelope } = entry;
  const offered = (keyword: string): boolean => peer.extensions.has(keyword);
  const addresses = [entry.sender, ...recipients.map(({ address }) => address)];
  const isUtf8 = envelope['smtpUtf8'] === true || !addresses.every(isPlain);
  const words = [
    ...(offered('SIZE') ? [`SIZE=${entry.size}`] : []),
    ...bodyParameter(envelope['body'], eightBit, peer),
    ...(isUtf8 && offered('SMTPUTF8') ? ['SMTPUTF8'] : []),
    ...(offered('DSN') ? dsnParameters(envelope) : []),
    ...(envelope['requireTls'] === true && !isLocalDelivery ? ['REQUIRETLS'] : []),
  ];
  return words.map((word) => ` ${word}`).join('');
}

/** NOTIFY and ORCPT as the sender gave them (RFC 3461 §5.2.1), with a blank in front of each. */
export function recipientParameters({ dsn }: RecipientState): string {
  const { notify, orcpt } = dsn;
  const words = Array.isArray(notify) ? valueOf(notify.join(',')) : valueOf(notify);
  const original = typeof orcpt === 'string' && /^[!-~]+$/.test(orcpt) ? orcpt : undefined;
  return `${words === undefined ? '' : ` NOTIFY=${words}`}${original === undefined ? '' : ` ORCPT=${original}`}`;
}

/** Decides what is sent and how; a peer that lacks something for everybody gets nothing. */
export async function planMessage(subject: PlanSubject): Promise<Plan> {
  const { entry, peer } = subject;
  // A message that was declared as 8-bit to us is so to a peer that can take it, without a look at it.
  const isDeclared = entry.envelope['body'] === '8BITMIME' && peer.extensions.has('8BITMIME');
  const isBinary = entry.envelope['body'] === 'BINARYMIME';
  const eightBit = isDeclared || isBinary ? isDeclared : await holdsEightBit(entry);
  const missing = NEEDS.map((need) => need(subject, eightBit)).find((reason) => reason !== undefined);
  const refused: NotDelivered[] = [];
  const recipients = subject.recipients.filter((recipient) => {
    const reason = missing ?? recipientNeed(recipient, peer);
    if (reason === undefined) return true;
    const status = reason.startsWith('4') ? 'deferred' : 'failed';
    refused.push({ status, address: recipient.address, reason });
    return false;
  });
  return {
    mailParameters: mailParameters({ ...subject, recipients }, eightBit),
    recipients,
    passDsn: peer.extensions.has('DSN'),
    content: isBinary ? 'bdat' : 'data',
    refused,
  };
}
