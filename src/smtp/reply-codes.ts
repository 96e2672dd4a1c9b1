/**
 * The replies of the engine by name, each with the sentence of the standard it comes from.
 *
 * A stage takes one of these, or builds one with `reply` when the text holds a value. Texts say
 * what was wrong and, where there is something to do, what to do.
 *
 * Callers: engine/stages, engine/session.
 */
import { type Reply, reply } from './reply.js';

type Row = readonly [code: number, enhanced: string, text: string | readonly string[], close?: boolean];

/** Code, enhanced code, text, and `true` where the connection ends although the code is not 421. */
const ROWS = {
  /** RFC 5321 §4.3.2, RFC 2034 §4: success of MAIL, RCPT and RSET. */
  senderOk: [250, '2.1.0', 'Sender ok'],
  recipientOk: [250, '2.1.5', 'Recipient ok'],
  reset: [250, '2.0.0', 'Reset'],
  noop: [250, '2.0.0', 'Ok'],
  bye: [221, '2.0.0', 'Bye', true],
  /** RFC 5321 §4.1.1.4. */
  startMail: [354, '', 'Send the message; end it with a line that holds a single dot'],
  /** RFC 5321 §3.5.3: an answer that verifies nothing. */
  cannotVerify: [252, '2.5.2', 'Cannot verify the user; send the message and see'],

  /** RFC 5321 §4.2.4. */
  unknownCommand: [500, '5.5.1', 'Command not recognized'],
  notImplemented: [502, '5.5.1', 'Command not implemented'],
  lineTooLong: [500, '5.5.2', 'Command line too long'],
  bareLineFeed: [500, '5.5.2', 'A command line must end with CR LF', true],
  strayControl: [500, '5.5.2', 'A command line must not hold CR or NUL'],
  notUtf8: [500, '5.5.2', 'A command line must be ASCII or UTF-8'],
  noArgument: [501, '5.5.4', 'This command takes no argument'],
  badHost: [501, '5.5.4', 'This command takes one host name or address literal'],
  vrfySyntax: [501, '5.5.4', 'Syntax: VRFY address'],
  mailSyntax: [501, '5.5.4', 'Syntax: MAIL FROM:<address> [parameters]'],
  rcptSyntax: [501, '5.5.4', 'Syntax: RCPT TO:<address> [parameters]'],
  /** RFC 6531 §3.5: 553 for an address that needs an extension nobody asked for. */
  needsSmtpUtf8: [553, '5.6.7', 'This address needs the SMTPUTF8 parameter'],

  /** RFC 2033 §4.1: 500 is the code for the wrong greeting in LMTP. */
  sayLhlo: [500, '5.5.1', 'This is LMTP; send LHLO'],
  sayEhlo: [502, '5.5.1', 'LHLO is for LMTP; send EHLO'],

  /** RFC 3207 §4, RFC 4954 §6: what the listener asks for first. */
  needTls: [530, '5.7.0', 'Must issue a STARTTLS command first'],
  needLogin: [530, '5.7.0', 'Authentication required'],

  /** RFC 5321 §4.1.4: the order of commands. */
  needHello: [503, '5.5.1', 'Send EHLO, HELO or, for LMTP, LHLO first'],
  needMail: [503, '5.5.1', 'Send MAIL first'],
  needRcpt: [503, '5.5.1', 'Send RCPT first'],
  nestedMail: [503, '5.5.1', 'A transaction is open; send RSET first'],
  /** RFC 3030 §2, §3: the order of chunks, and what they cannot be mixed with. */
  chunksOpen: [503, '5.5.1', 'Chunks of a message are open; send the last one, or RSET'],
  chunksOver: [503, '5.5.1', 'No chunk is expected here; send RSET'],
  needBdat: [503, '5.5.1', 'A message with BODY=BINARYMIME comes by BDAT'],
  /** RFC 5321 §3.3: DATA when every recipient was refused. */
  noValidRcpt: [554, '5.5.1', 'No valid recipients'],

  /** RFC 3207 §4. */
  readyForTls: [220, '2.0.0', 'Ready to start TLS'],
  secureAlready: [503, '5.5.1', 'The connection is encrypted already'],

  /** RFC 4954 §4, §6: AUTH and its refusals. */
  loggedIn: [235, '2.7.0', 'Authentication successful'],
  authSyntax: [501, '5.5.4', 'Syntax: AUTH mechanism [initial-response]'],
  needEhlo: [503, '5.5.1', 'Send EHLO first'],
  alreadyLoggedIn: [503, '5.5.1', 'Already authenticated'],
  unknownMechanism: [504, '5.5.4', 'This mechanism is not offered'],
  authNeedsTls: [538, '5.7.11', 'Encryption required for authentication'],
  authCancelled: [501, '5.0.0', 'Authentication cancelled'],
  authNotBase64: [501, '5.5.2', 'The response is not base64'],
  authMalformed: [501, '5.5.2', 'The response does not fit the mechanism'],
  authTooLong: [500, '5.5.6', 'The response is too long'],
  authUnexpected: [501, '5.7.0', 'This mechanism takes no initial response'],
  wrongPassword: [535, '5.7.8', 'Authentication credentials invalid'],
  authLocked: [454, '4.7.0', 'Too many wrong passwords from your address; try again later'],
  authTrouble: [454, '4.7.0', 'Temporary authentication failure; try again later'],
  tooManyLogins: [421, '4.7.0', 'Too many wrong passwords'],
  /** XCLIENT and XFORWARD, commands of Postfix. */
  mayNotSpeakForOthers: [550, '5.7.0', 'Not authorized to speak for other clients'],
  forwarded: [250, '2.0.0', 'Noted'],

  /** RFC 5321 §4.5.3.1.10. */
  tooManyRecipients: [452, '4.5.3', 'Too many recipients'],
  /** RFC 1870 §6.1. */
  tooBig: [552, '5.3.4', 'Message too big'],
  headerTooBig: [552, '5.3.4', 'Message header too big'],
  /** RFC 5321 §6.3. */
  loop: [554, '5.4.6', 'Too many Received fields: the message is in a loop'],
  /** RFC 5321 §2.3.8: line ends other than CR LF are no part of SMTP. */
  badLineEndings: [550, '5.5.2', 'The message holds bare CR, bare LF or NUL'],
  relayDenied: [550, '5.7.1', 'Relaying denied'],
  localDenied: [550, '5.7.1', 'Delivery to this recipient is not allowed'],
  nothingLeaves: [550, '5.4.4', 'No route: this server sends nothing to other machines'],

  /** RFC 5321 §3.8, §4.3.2: 421 closes the connection. */
  tooManyErrors: [421, '4.7.0', 'Too many errors'],
  tooMuchJunk: [421, '4.7.0', 'Too many commands without mail'],
  tooManyConnections: [421, '4.3.2', 'Too many connections; try again later'],
  tooManyFromAddress: [421, '4.7.0', 'Too many connections from your address; try again later'],
  timeout: [421, '4.4.2', 'Timeout'],
  shuttingDown: [421, '4.3.2', 'The server is stopping; try again later'],
  httpSpoken: [421, '4.7.0', 'This is SMTP, not HTTP'],
  earlyTalker: [554, '5.5.1', 'You spoke before the greeting', true],

  /** RFC 5321 §4.2.5: we could not take responsibility; the client keeps the message. */
  queueTrouble: [451, '4.3.0', 'The message could not be stored; try again later'],
  queueFull: [452, '4.3.1', 'No room to store the message; try again later'],
  internalError: [451, '4.3.0', 'Internal error; try again later'],
  policyTrouble: [451, '4.3.0', 'Temporary policy failure; try again later'],
} as const;

export type ReplyName = keyof typeof ROWS;

/** The replies by name. */
export const REPLIES: Readonly<Record<ReplyName, Reply>> = fromRows(ROWS);

function fromRows(rows: Readonly<Record<ReplyName, Row>>): Record<ReplyName, Reply> {
  const made = {} as Record<ReplyName, Reply>;
  for (const name of Object.keys(rows) as ReplyName[]) {
    const [code, enhanced, text, close = code === 421] = rows[name];
    made[name] = reply(code, enhanced, text, { close });
  }
  return made;
}
