/**
 * What is true from MAIL to the end of the message.
 *
 * Callers: engine/stages. Holds the envelope only; the octets of the message are in stages/data.
 */
import { comparableDomain } from '../../smtp/domain.js';
import type { Mailbox } from '../../smtp/mailbox.js';
import type { MailParameters, RcptParameters } from '../../smtp/parameters.js';

export interface Recipient {
  readonly mailbox: Mailbox;
  readonly parameters: RcptParameters;
}

/** One spelling per recipient: local parts keep their letter case, domains do not (RFC 5321 §2.4). */
function keyOf(mailbox: Mailbox): string {
  const bare = mailbox.domain === '';
  return bare ? mailbox.local.toLowerCase() : `${mailbox.local}@${comparableDomain(mailbox.domain)}`;
}

export class Transaction {
  readonly queueId: string;
  readonly parameters: MailParameters;
  /** As the client gave it. */
  readonly given: Mailbox;
  /** As given, or as a policy rewrote it. */
  sender: Mailbox;
  /** Name of the policy that said `discard`; the message is read, answered with success and dropped. */
  discardedBy: string | undefined;
  /** RCPT commands, whatever became of them. */
  attempts = 0;
  /** RCPT commands that were answered 250: LMTP owes each of them an answer after the message. */
  accepted = 0;
  /** Recipients that were answered 250 and dropped. */
  dropped = 0;
  readonly #recipients = new Map<string, Recipient>();

  constructor(queueId: string, sender: Mailbox, parameters: MailParameters) {
    this.queueId = queueId;
    this.given = sender;
    this.sender = sender;
    this.parameters = parameters;
  }

  /** AUTH= of MAIL, a claim; empty without one. */
  get submitter(): string {
    return this.parameters.auth ?? '';
  }

  /** SIZE= of MAIL in octets; 0 without one. */
  get declaredSize(): number {
    return this.parameters.size ?? 0;
  }

  get recipients(): readonly Recipient[] {
    return [...this.#recipients.values()];
  }

  get recipientCount(): number {
    return this.#recipients.size;
  }

  get addresses(): readonly string[] {
    return this.recipients.map((recipient) => recipient.mailbox.address);
  }

  has(mailbox: Mailbox): boolean {
    return this.#recipients.has(keyOf(mailbox));
  }

  /** Adds a recipient; one that is there already takes the later parameters. */
  add(recipient: Recipient): void {
    const key = keyOf(recipient.mailbox);
    // The first spelling stays: policies have seen it, and may name it to drop the recipient.
    const { mailbox } = this.#recipients.get(key) ?? recipient;
    this.#recipients.set(key, { mailbox, parameters: recipient.parameters });
  }

  remove(mailbox: Mailbox): void {
    this.#recipients.delete(keyOf(mailbox));
  }
}
