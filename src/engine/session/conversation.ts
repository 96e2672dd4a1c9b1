/**
 * One conversation with a client, from the accepted connection to its end (RFC 5321 §3, §4.5.3.2).
 *
 * Decodes lines, runs stages, records each answer and sends it; keeps the deadlines; counts
 * errors; ends the conversation once, whatever ends it. Knows no sockets and no mail library:
 * the wire is a port, which the listener implements.
 *
 * Callers: listener/connection.ts. Nothing here rejects: a bug is logged and answered 451.
 */
import { isUtf8 } from 'node:buffer';
import { messageOf } from '../../core/errors.js';
import { type Reply, formatReply } from '../../smtp/reply.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { InputHandler, LineFault } from '../listener/input-reader.js';
import { type Answer, fault, refuse } from '../stages/answer.js';
import { JUNK_VERBS, knownVerb, parseCommand, runCommand } from '../stages/commands.js';
import { connect } from '../stages/connect.js';
import { MessageReceiver } from '../stages/data.js';
import { withReference } from '../stages/reply-for.js';
import type { Admission } from './admission.js';
import { type Deadline, createDeadline } from './deadline.js';
import type { Session } from './session.js';

/** What a conversation does to its connection. */
export interface Wire {
  send(text: string): void;
  /** Set when the client takes no replies: settles once it has taken some, or is gone. */
  drained(): Promise<void> | undefined;
  /** From the next octet on the client sends a message. */
  startData(): void;
  /** Sends what is pending, then ends the connection; nothing more is read. */
  close(): void;
}

/** Why a session ended, for the fact; see core/facts. */
export type EndReason = 'quit' | 'client' | 'error' | 'timeout' | 'refused' | 'shutdown';

/** Texts of replies that are used again and again; those of the tables live as long as the program. */
const texts = new WeakMap<Reply, string>();

function textOf(reply: Reply): string {
  const known = texts.get(reply);
  if (known !== undefined) return known;
  const text = formatReply(reply);
  texts.set(reply, text);
  return text;
}

const CONTROL = /[\0\r]/;
const NON_ASCII = /[^\x00-\x7f]/;

export class Conversation implements InputHandler {
  readonly #session: Session;
  readonly #wire: Wire;
  readonly #admission: Admission;
  readonly #onEnd: (reason: EndReason) => void;
  readonly #deadline: Deadline;
  readonly #began: number;
  #receiver: MessageReceiver | undefined;
  /** When the message in progress is out of time. */
  #messageDueAt = 0;
  #errors = 0;
  #junk = 0;
  #greeted = false;
  #spokeEarly = false;
  #working = false;
  #stopping = false;
  #ended = false;
  #admitted = false;

  constructor(session: Session, wire: Wire, admission: Admission, onEnd: (reason: EndReason) => void) {
    const { clock } = session.deps;
    this.#session = session;
    this.#wire = wire;
    this.#admission = admission;
    this.#onEnd = onEnd;
    this.#began = clock.elapsed();
    this.#deadline = createDeadline(clock, () => {
      this.#endWith(REPLIES.timeout, 'timeout', 'timeout');
    });
  }

  /** Admits the client, waits for early talkers, asks the policies, greets. */
  async open(): Promise<void> {
    const { deps, id, listener, peer } = this.#session;
    deps.facts.publish('session.opened', { session: id, remoteIp: peer.remoteIp, listener: listener.name });
    const admitted = this.#admission.enter(peer.remoteIp, listener);
    this.#admitted = admitted === 'admitted';
    if (admitted !== 'admitted') {
      const tooMany = admitted === 'too-many' ? REPLIES.tooManyConnections : REPLIES.tooManyFromAddress;
      this.#endWith(tooMany, admitted, 'refused');
      return;
    }
    if (this.#mustWait()) {
      await new Promise<void>((resolve) => {
        deps.clock.after(listener.earlyTalkerDelayMs, resolve);
      });
    }
    // Nobody is asked about a client that has left meanwhile.
    await this.#work('CONNECT', async () => {
      const answer = this.#early() ?? (await connect(this.#session));
      return this.#early() ?? answer;
    });
    this.#greeted = true;
  }

  /** Whether input may be read: before the greeting it waits, and is remembered as early. */
  mayRead(): boolean {
    if (!this.#greeted) this.#spokeEarly = true;
    return this.#greeted;
  }

  #mustWait(): boolean {
    return this.#session.listener.earlyTalkerDelayMs > 0 && !this.#session.isTrusted;
  }

  #early(): Answer | undefined {
    const isEarly = this.#spokeEarly && this.#mustWait();
    return isEarly ? refuse(REPLIES.earlyTalker, 'early-talker') : undefined;
  }

  async line(line: Buffer): Promise<void> {
    const text = line.toString('latin1');
    if (CONTROL.test(text))
      return this.#work('UNKNOWN', () => fault(REPLIES.strayControl, 'control-character'));
    if (!NON_ASCII.test(text)) return this.#command(text);
    if (!isUtf8(line)) return this.#work('UNKNOWN', () => fault(REPLIES.notUtf8, 'not-utf8'));
    return this.#command(line.toString('utf8'));
  }

  async badLine(kind: LineFault): Promise<void> {
    const reply = kind === 'bare-lf' ? REPLIES.bareLineFeed : REPLIES.lineTooLong;
    return this.#work('UNKNOWN', () => fault(reply, kind));
  }

  /** However slowly a line comes, it gets no more than this. */
  lineBegan(): void {
    if (!this.#ended) this.#deadline.set(this.#session.listener.commandTimeoutMs);
  }

  async #command(text: string): Promise<void> {
    const command = parseCommand(text);
    this.#junk = JUNK_VERBS.has(command.verb) ? this.#junk + 1 : 0;
    const isNuisance = this.#junk > this.#session.settings.limits.maxJunkCommands;
    await this.#work(knownVerb(command.verb), () =>
      isNuisance ? refuse(REPLIES.tooMuchJunk, 'junk-commands') : runCommand(this.#session, command),
    );
  }

  content(piece: Buffer): Promise<void> | undefined {
    const receiver = this.#receiver;
    if (!receiver) return undefined;
    const taken = receiver.feed(piece);
    if (receiver.isOverdrawn) {
      this.#endWith(receiver.refusal?.reply ?? REPLIES.tooBig, 'drain-limit', 'refused');
      return undefined;
    }
    if (!taken) {
      this.#waitForData();
      return undefined;
    }
    this.#deadline.clear();
    return taken.then(() => this.#waitForData());
  }

  async contentEnd(): Promise<void> {
    const receiver = this.#receiver;
    if (!receiver) return;
    await this.#work('end-of-data', async () => {
      // It stays known until then, so that a client who leaves takes the message along.
      const answer = await receiver.finish();
      this.#receiver = undefined;
      if (answer.reply.code >= 400 && !this.#ended) this.#refusedMessage(answer);
      this.#session.resetTransaction();
      return answer;
    });
  }

  #refusedMessage({ reply, decidedBy }: Answer): void {
    const { deps, id } = this.#session;
    deps.facts.publish('message.refused', { session: id, code: reply.code, decidedBy });
  }

  /** Runs one step from what arrived to what is answered; the client waits and no deadline runs. */
  async #work(verb: string, step: () => Answer | Promise<Answer>): Promise<void> {
    if (this.#ended) return;
    this.#deadline.clear();
    this.#working = true;
    let answer: Answer;
    try {
      answer = await step();
    } catch (error) {
      const { deps, id } = this.#session;
      deps.log.error('a command failed inside', { session: id, verb, error: messageOf(error), cause: error });
      answer = refuse(REPLIES.internalError, 'internal-error');
    }
    this.#working = false;
    // The client may have gone while we worked; then there is nobody to answer.
    if (this.#ended) return;
    const drained = this.#answer(verb, this.#afterErrors(answer));
    if (drained) await drained;
  }

  /** The answer, or the end of a session that made too many errors. */
  #afterErrors(answer: Answer): Answer {
    if (answer.isError !== true) return answer;
    this.#errors += 1;
    const isTooMany = this.#errors > this.#session.settings.limits.maxErrors;
    return isTooMany ? refuse(REPLIES.tooManyErrors, 'too-many-errors') : answer;
  }

  #answer(verb: string, answer: Answer): Promise<void> | undefined {
    const reply = this.#conclude(verb, answer);
    this.#wire.send(textOf(reply));
    if (reply.close) this.#end(verb === 'QUIT' ? 'quit' : verb === 'CONNECT' ? 'refused' : 'error');
    else if (reply.code === 354) this.#startMessage();
    else if (this.#stopping && !this.#session.transaction) {
      this.#endWith(REPLIES.shuttingDown, 'shutdown', 'shutdown');
    } else this.#deadline.set(this.#session.listener.idleTimeoutMs);
    return this.#ended ? undefined : this.#wire.drained();
  }

  /** Tells fact bus and trace; a refusal gets the id that finds it. */
  #conclude(verb: string, answer: Answer): Reply {
    const { deps, id, policies } = this.#session;
    const { reply, decidedBy } = answer;
    deps.facts.publish('command.answered', { session: id, verb, code: reply.code, decidedBy });
    if (reply.code < 400) return reply;
    const text = `${reply.code} ${reply.enhanced} ${reply.text.join(' ')}`;
    const step = answer.step ?? policies.note({ at: verb, reason: answer.reason, text });
    return withReference(reply, `${id}.${step}`);
  }

  #startMessage(): void {
    const transaction = this.#session.transaction;
    if (!transaction) return;
    this.#receiver = new MessageReceiver(this.#session, transaction);
    this.#messageDueAt = this.#session.deps.clock.elapsed() + this.#session.listener.dataTimeoutMs;
    this.#wire.startData();
    this.#waitForData();
  }

  #waitForData(): void {
    if (this.#ended || !this.#receiver) return;
    const left = this.#messageDueAt - this.#session.deps.clock.elapsed();
    this.#deadline.set(Math.min(this.#session.listener.idleTimeoutMs, Math.max(left, 0)));
  }

  /** The server stops: an idle client is told at once, one with a message open may finish it. */
  stop(): void {
    this.#stopping = true;
    const isIdle = !this.#working && this.#greeted && !this.#session.transaction;
    if (isIdle) this.#endWith(REPLIES.shuttingDown, 'shutdown', 'shutdown');
  }

  /** The server can wait no longer. */
  forceStop(): void {
    this.#endWith(REPLIES.shuttingDown, 'shutdown', 'shutdown');
  }

  /** The connection is gone. */
  closed(error?: Error): void {
    if (error)
      this.#session.deps.log.debug('connection error', { session: this.#session.id, error: error.message });
    this.#end('client');
  }

  /** Ends the conversation with a reply nobody asked for. */
  #endWith(reply: Reply, reason: string, why: EndReason): void {
    if (this.#ended) return;
    this.#wire.send(formatReply(this.#conclude('SESSION', refuse(reply, reason))));
    this.#end(why);
  }

  #end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deadline.dispose();
    this.#receiver?.abort();
    this.#receiver = undefined;
    const { deps, id, peer, policies, mailCount } = this.#session;
    if (this.#admitted) this.#admission.leave(peer.remoteIp);
    policies.close(reason);
    const ms = deps.clock.elapsed() - this.#began;
    deps.facts.publish('session.closed', { session: id, ms, messages: mailCount, reason });
    this.#wire.close();
    this.#onEnd(reason);
  }
}
