/**
 * What is wrong with an address or a parameter, as an answer (RFC 5321 §4.1.1.11, §4.2.2).
 *
 * Callers: engine/stages/{mail,rcpt}.
 */
import type { PathResult } from '../../smtp/mailbox.js';
import type { ParameterResult } from '../../smtp/parameters.js';
import { reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import { type Answer, fault } from './answer.js';

/** 501 for a malformed path, 553 for one that needs SMTPUTF8. */
export function pathFault(result: Exclude<PathResult, { status: 'ok' }>): Answer {
  if (result.status === 'needsUtf8') return fault(REPLIES.needsSmtpUtf8, 'needs-smtputf8');
  return fault(reply(501, '5.1.3', `Bad address: ${result.reason}`), 'syntax');
}

/** 555 for a parameter nobody knows, 501 for a wrong value. */
export function parameterFault(result: Exclude<ParameterResult<unknown>, { status: 'ok' }>): Answer {
  if (result.status === 'unknown') {
    return fault(reply(555, '5.5.4', `Parameter ${result.keyword} is not known here`), 'unknown-parameter');
  }
  return fault(reply(501, '5.5.4', `Parameter ${result.keyword} ${result.reason}`), 'syntax');
}
