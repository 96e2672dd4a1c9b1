/**
 * Whom SPF is asked about: the sender, or the name the client gave itself.
 *
 * Without a sender the identity is `postmaster` at the EHLO name. The domain is what DNS is asked
 * for: one that is no name of several labels, an address literal for instance, has no record, and
 * nobody is asked.
 *
 * Callers: checks/spf. RFC 7208 §2.4, RFC 7208 §4.3, RFC 8616 §4 for names in other scripts.
 */
import { comparableDomain, isAscii } from '../smtp/domain.js';

export interface SpfIdentity {
  readonly kind: 'helo' | 'mailFrom';
  /** The address that stands for the identity, its domain in A-labels; never without an `@`. */
  readonly sender: string;
  /** Lower case and without a final dot. */
  readonly domain: string;
  /** Whether DNS can know the domain. */
  readonly isAskable: boolean;
}

const LONGEST_NAME = 253;
/** Longer than any address or name that SMTP allows; what is longer names no domain. */
const LONGEST_INPUT = 512;
/**
 * Several labels of visible ASCII, underscores and all; the last one is no number. Linear: the
 * labels hold no dot, and the length is checked before.
 */
const NAME = /^(?:[!-\-/-~]{1,63}\.)+(?!\d+$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function spfIdentity(helo: string, mailFrom: string): SpfIdentity {
  const kind = mailFrom === '' ? 'helo' : 'mailFrom';
  const given = kind === 'helo' ? helo : mailFrom;
  if (given.length > LONGEST_INPUT) return { kind, sender: 'postmaster@', domain: '', isAskable: false };
  // A quoted local part may hold an @, so the last one counts; an EHLO name is all domain.
  const at = kind === 'helo' ? -1 : mailFrom.lastIndexOf('@');
  const localPart = at > 0 ? mailFrom.slice(0, at) : 'postmaster';
  const name = given.slice(at + 1).replace(/\.$/, '');
  const domain = comparableDomain(name);
  const isAskable = domain.length <= LONGEST_NAME && NAME.test(domain);
  // Macros show an ASCII name as it was given.
  return { kind, sender: `${localPart}@${isAscii(name) ? name : domain}`, domain, isAskable };
}
