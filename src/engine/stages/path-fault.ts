/**
 * What is wrong with an address or a parameter, as an answer (RFC 5321 §4.1.1.11, §4.2.2).
 *
 * Callers: engine/stages/{mail,rcpt}.
 */
import type { PathResult } from '../../smtp/mailbox.js';
import type { ParameterResult, ParameterRules } from '../../smtp/parameters.js';
import { reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault } from './answer.js';

/** 501 for a malformed path, 553 for one that needs SMTPUTF8 (RFC 3463 §3.2: a code for each end). */
export function pathFault(
  kind: 'sender' | 'recipient',
  result: Exclude<PathResult, { status: 'ok' }>,
): Answer {
  if (result.status === 'needsUtf8') return fault(REPLIES.needsSmtpUtf8, 'needs-smtputf8');
  const enhanced = kind === 'sender' ? '5.1.7' : '5.1.3';
  return fault(reply(501, enhanced, `Bad address: ${result.reason}`), 'syntax');
}

/** 555 for a parameter nobody knows or this client was not offered, 501 for a wrong value. */
export function parameterFault(result: Exclude<ParameterResult<unknown>, { status: 'ok' }>): Answer {
  const { status, keyword } = result;
  switch (status) {
    case 'unknown':
      return fault(reply(555, '5.5.4', `Parameter ${keyword} is not known here`), 'unknown-parameter');
    case 'notOffered': {
      const text = `Parameter ${keyword} needs an extension that was not offered to you`;
      return fault(reply(555, '5.5.4', text), 'parameter-not-offered');
    }
    case 'bad':
      return fault(reply(501, '5.5.4', `Parameter ${keyword} ${result.reason}`), 'syntax');
  }
}

/**
 * By what EHLO offered this client. AUTH= (RFC 4954 §5) is taken from every client that said EHLO,
 * since policies read it as mailFromAuthUser: it is a claim, and proves nothing to anybody.
 */
export function parameterRules(session: Session, utf8: boolean): ParameterRules {
  return {
    utf8,
    offered: (extension) =>
      session.offers.has(extension) || (extension === 'AUTH' && session.offers.size > 0),
  };
}
