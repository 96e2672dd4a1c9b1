/**
 * MAIL FROM (RFC 5321 §4.1.1.2, §3.3): check, ask the policies, open the transaction.
 *
 * A refusal opens no transaction and leaves nothing behind. A policy may rewrite mailFrom; what
 * it writes must be an address, or the command is refused for now and the trace says why.
 *
 * Callers: stages/commands.
 */
import { isAscii } from '../../smtp/domain.js';
import { orElse, type Soon, soon } from '../../core/soon.js';
import { type Mailbox, NULL_SENDER, parseAddress, parsePath } from '../../smtp/mailbox.js';
import { parseMailParameters } from '../../smtp/parameters.js';
import { reply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { Transaction } from '../session/transaction.js';
import { type Answer, fault, ok, refuse } from './answer.js';
import { maxDataOctets } from './limits.js';
import { mustLogIn } from './must-first.js';
import { parameterFault, parameterRules, pathFault } from './path-fault.js';
import { runStage } from './run-stage.js';

/** `FROM:` and, as many clients write it, blanks behind it. */
const FROM = /^FROM: */i;

/** Checks syntax and parameters; what is right comes back as a transaction. */
function read(session: Session, argument: string): Transaction | Answer {
  const keyword = FROM.exec(argument);
  if (!keyword) return fault(REPLIES.mailSyntax, 'syntax');
  // Whether the address may leave ASCII is known only from the parameters behind it.
  const path = parsePath(argument.slice(keyword[0].length), { kind: 'sender', utf8: true });
  if (path.status !== 'ok') return pathFault('sender', path);
  const extra = parseMailParameters(path.rest, parameterRules(session, false));
  if (extra.status !== 'ok') return parameterFault(extra);
  if (!isAscii(path.mailbox.address) && extra.parameters.smtpUtf8 !== true) {
    return pathFault('sender', { status: 'needsUtf8' });
  }
  return new Transaction(session.nextQueueId(), path.mailbox, extra.parameters);
}

/** The sender after the policies; undefined when they wrote something that is no address. */
function senderAfter(session: Session, given: Mailbox): Mailbox | undefined {
  const text = session.policies.value('mailFrom');
  if (text === undefined || text === given.address) return given;
  return text === '' ? NULL_SENDER : parseAddress(String(text));
}

export function mail(session: Session, argument: string): Soon<Answer> {
  if (!session.hello) return fault(REPLIES.needHello, 'bad-sequence');
  if (session.transaction) return fault(REPLIES.nestedMail, 'bad-sequence');
  const stranger = mustLogIn(session);
  if (stranger) return stranger;
  const given = read(session, argument);
  if (!(given instanceof Transaction)) return given;
  session.transaction = given;
  given.discardedBy = session.discardedBy;
  if (given.discardedBy !== undefined) return settle(session, checkSize(session, given));
  // Neither does a bug of ours, which is answered for us.
  return orElse(
    () => soon(ask(session, given), (answer) => settle(session, answer)),
    () => {
      session.resetTransaction();
    },
  );
}

/** A refusal leaves no transaction behind. */
function settle(session: Session, answer: Answer): Answer {
  if (answer.reply.code >= 400) session.resetTransaction();
  return answer;
}

function ask(session: Session, transaction: Transaction): Soon<Answer> {
  return soon(runStage('onMailFrom', session), ({ outcome, refusal }) => {
    if (refusal) return refusal;
    if (outcome.action === 'discard') transaction.discardedBy = outcome.decidedBy;
    const sender = senderAfter(session, transaction.sender);
    if (!sender) return refuse(REPLIES.policyTrouble, 'bad-rewritten-sender');
    transaction.sender = sender;
    return checkSize(session, transaction);
  });
}

function checkSize(session: Session, transaction: Transaction): Answer {
  const limit = maxDataOctets(session);
  if ((transaction.parameters.size ?? 0) > limit) {
    return refuse(reply(552, '5.3.4', `Message too big; the limit is ${limit} octets`), 'size-limit');
  }
  return ok(REPLIES.senderOk);
}
