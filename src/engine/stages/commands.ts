/**
 * The table of commands (RFC 5321 §4.1, §4.5.1): verb to stage.
 *
 * Callers: conversation.ts with a decoded line. Every verb of every SMTP extension is here, so
 * that what we know and do not offer is told apart (502) from what nobody knows (500).
 */
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, ok } from './answer.js';
import { data } from './data.js';
import { ehlo, helo } from './ehlo.js';
import { mail } from './mail.js';
import { rcpt } from './rcpt.js';

/** `argument` is the text behind the verb without surrounding blanks. */
type Stage = (session: Session, argument: string) => Answer | Promise<Answer>;

function rset(session: Session, argument: string): Answer {
  if (argument !== '') return fault(REPLIES.noArgument, 'syntax');
  session.resetTransaction();
  return ok(REPLIES.reset);
}

const notOffered: Stage = () => fault(REPLIES.notImplemented, 'not-implemented');

const STAGES: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ['EHLO', ehlo],
  ['HELO', helo],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', data],
  ['RSET', rset],
  ['NOOP', () => ok(REPLIES.noop)],
  [
    'VRFY',
    (_, argument) => (argument === '' ? fault(REPLIES.vrfySyntax, 'syntax') : ok(REPLIES.cannotVerify)),
  ],
  ['HELP', () => ok(REPLIES.help)],
  ['QUIT', (_, argument) => (argument === '' ? ok(REPLIES.bye) : fault(REPLIES.noArgument, 'syntax'))],
  ['EXPN', notOffered],
  ['STARTTLS', notOffered],
  ['AUTH', notOffered],
  ['BDAT', notOffered],
  ['ETRN', notOffered],
  ['LHLO', notOffered],
  ['XCLIENT', notOffered],
  ['XFORWARD', notOffered],
  ['SEND', notOffered],
  ['SOML', notOffered],
  ['SAML', notOffered],
  ['TURN', notOffered],
]);

/** Commands that do nothing for a message; many in a row are a nuisance. */
export const JUNK_VERBS: ReadonlySet<string> = new Set(['NOOP', 'RSET', 'VRFY', 'HELP', 'EHLO', 'HELO']);

/** Request lines of HTTP: a browser that was sent to the SMTP port. */
const HTTP_VERBS: ReadonlySet<string> = new Set([
  'GET',
  'POST',
  'PUT',
  'HEAD',
  'DELETE',
  'OPTIONS',
  'CONNECT',
  'TRACE',
  'PATCH',
]);
const HTTP_HEADER = /^(?:Host|User-Agent|Referer|Content-Type|Content-Length|Origin|Cookie):/i;

export interface Command {
  readonly verb: string;
  readonly argument: string;
}

export function parseCommand(line: string): Command {
  const blank = line.indexOf(' ');
  const verb = (blank < 0 ? line : line.slice(0, blank)).toUpperCase();
  return { verb, argument: blank < 0 ? '' : line.slice(blank + 1).trim() };
}

/** The verb for facts and traces: only known ones, since the others are the client's own text. */
export function knownVerb(verb: string): string {
  return STAGES.has(verb) ? verb : 'UNKNOWN';
}

export function runCommand(session: Session, command: Command): Answer | Promise<Answer> {
  const stage = STAGES.get(command.verb);
  if (stage) return stage(session, command.argument);
  const isHttp = HTTP_VERBS.has(command.verb) || HTTP_HEADER.test(command.verb);
  return isHttp ? fault(REPLIES.httpSpoken, 'http') : fault(REPLIES.unknownCommand, 'unknown-command');
}
