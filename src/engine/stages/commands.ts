/**
 * The table of commands (RFC 5321 §4.1, §4.5.1): verb to stage.
 *
 * Callers: conversation.ts with a decoded line. Every verb of every SMTP extension is here, so
 * that what we know and do not offer is told apart (502) from what nobody knows (500).
 */
import { isUtf8 } from 'node:buffer';
import type { Soon } from '../../core/soon.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { Session } from '../session/session.js';
import { type Answer, fault, ok } from './answer.js';
import { auth } from './auth.js';
import { data } from './data.js';
import { ehlo, helo, lhlo } from './ehlo.js';
import { help } from './help.js';
import { mail } from './mail.js';
import { mustLogIn, mustSecure } from './must-first.js';
import { rcpt } from './rcpt.js';
import { starttls } from './starttls.js';
import { xclient } from './xclient.js';
import { xforward } from './xforward.js';

/** `argument` is the text behind the verb without surrounding blanks. */
type Stage = (session: Session, argument: string) => Soon<Answer>;

function rset(session: Session, argument: string): Answer {
  if (argument !== '') return fault(REPLIES.noArgument, 'syntax');
  session.resetTransaction();
  return ok(REPLIES.reset);
}

/** RFC 5321 §3.5.3: verifies nothing; who has to log in first learns not even that. */
function vrfy(session: Session, argument: string): Answer {
  if (argument === '') return fault(REPLIES.vrfySyntax, 'syntax');
  return mustLogIn(session) ?? ok(REPLIES.cannotVerify);
}

function quit(session: Session, argument: string): Answer {
  if (argument !== '') return fault(REPLIES.noArgument, 'syntax');
  const { greeting } = session.listener;
  return ok(greeting === '' ? REPLIES.bye : { ...REPLIES.bye, text: [greeting] });
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
  ['VRFY', vrfy],
  ['HELP', help],
  ['QUIT', quit],
  ['EXPN', notOffered],
  ['STARTTLS', starttls],
  ['AUTH', auth],
  ['ETRN', notOffered],
  ['LHLO', lhlo],
  ['XCLIENT', xclient],
  ['XFORWARD', xforward],
  ['SEND', notOffered],
  ['SOML', notOffered],
  ['SAML', notOffered],
  ['TURN', notOffered],
]);

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
/** Of whatever method: `PRI * HTTP/2.0`, `PROPFIND / HTTP/1.1`. */
const HTTP_VERSION = / HTTP\/\d(?:\.\d)?$/;
const HTTP_HEADER = /^(?:Host|User-Agent|Referer|Content-Type|Content-Length|Origin|Cookie):/i;

const CONTROL = /[\0\r]/;
const NON_ASCII = /[^\x00-\x7f]/;

/** The text of a command line (RFC 6531 §3.3: UTF-8), or why it has none. */
export function decodeLine(line: Buffer): string | Answer {
  const text = line.toString('latin1');
  if (CONTROL.test(text)) return fault(REPLIES.strayControl, 'control-character');
  if (!NON_ASCII.test(text)) return text;
  return isUtf8(line) ? line.toString('utf8') : fault(REPLIES.notUtf8, 'not-utf8');
}

export interface Command {
  readonly verb: string;
  readonly argument: string;
}

export function parseCommand(line: string): Command {
  const blank = line.indexOf(' ');
  const verb = (blank < 0 ? line : line.slice(0, blank)).toUpperCase();
  return { verb, argument: blank < 0 ? '' : line.slice(blank + 1).trim() };
}

/** The one command whose content comes before its answer; conversation.ts runs it. */
export const CHUNK_VERB = 'BDAT';

/** The verb for facts and traces: only known ones, since the others are the client's own text. */
export function knownVerb(verb: string): string {
  return STAGES.has(verb) || verb === CHUNK_VERB ? verb : 'UNKNOWN';
}

export function runCommand(session: Session, command: Command): Soon<Answer> {
  const stage = STAGES.get(command.verb);
  if (stage) return mustSecure(session, command.verb) ?? stage(session, command.argument);
  const isHttp =
    HTTP_VERBS.has(command.verb) ||
    HTTP_HEADER.test(command.verb) ||
    HTTP_VERSION.test(` ${command.argument}`);
  return isHttp ? fault(REPLIES.httpSpoken, 'http') : fault(REPLIES.unknownCommand, 'unknown-command');
}
