/**
 * EHLO and HELO (RFC 5321 §4.1.1.1, §3.2, §4.1.4).
 *
 * The argument may be anything printable: a name that does not exist is no reason to refuse. A
 * refused EHLO leaves the session as it was; an accepted one ends an open transaction.
 *
 * Callers: stages/commands.
 */
import { reply } from '../../smtp/reply.js';
import { DOMAIN_OCTETS } from '../../smtp/limits.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { VariableName } from '../../hooks/table/index.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, ok } from './answer.js';
import { maxDataOctets } from './limits.js';
import { runStage } from './run-stage.js';

const HOST = /^[^\p{C}\p{Z}]+$/u;

/** Whether a policy left an extension on; unset counts as `otherwise`. */
function offers(session: Session, name: VariableName, otherwise: 'yes' | 'no'): boolean {
  return (session.policies.value(name) ?? otherwise) === 'yes';
}

/** The extension list as it is for this session. */
function keywords(session: Session): string[] {
  const size = maxDataOctets(session);
  return [
    ...(offers(session, 'allowPipelining', 'yes') ? ['PIPELINING'] : []),
    // RFC 1870 §4: 0 would say that there is no limit.
    size > 0 ? `SIZE ${size}` : 'SIZE',
    ...(offers(session, 'allow8BitMime', 'yes') ? ['8BITMIME'] : []),
    'SMTPUTF8',
    ...(offers(session, 'allowDSN', 'no') ? ['DSN'] : []),
    'ENHANCEDSTATUSCODES',
  ];
}

async function hello(session: Session, host: string, extended: boolean): Promise<Answer> {
  if (!HOST.test(host) || Buffer.byteLength(host) > DOMAIN_OCTETS) return fault(REPLIES.badHost, 'syntax');
  const before = session.hello;
  session.resetTransaction();
  session.hello = { host, extended };
  const { outcome, refusal } = await runStage('onEhlo', session);
  if (refusal) {
    session.hello = before;
    return refusal;
  }
  if (outcome.action === 'discard') session.discardedBy = outcome.decidedBy;
  const greeting = `${session.settings.hostname} greets ${host}`;
  return ok(reply(250, '', extended ? [greeting, ...keywords(session)] : greeting));
}

export function ehlo(session: Session, argument: string): Promise<Answer> {
  return hello(session, argument, true);
}

export function helo(session: Session, argument: string): Promise<Answer> {
  return hello(session, argument, false);
}
