/**
 * One conversation with a client, from the accepted connection to its end (RFC 5321 §3, §4.5.3.2).
 *
 * Decodes lines, runs stages, records each answer and sends it, and does what an answer asks for
 * next; keeps the deadlines; ends the conversation once, whatever ends it. Knows no
 * sockets and no mail library: the wire is a port, which the listener implements.
 *
 * Callers: listener/connection.ts. Nothing here rejects: a bug is logged and answered 451.
 */
import type { Soon } from '../../core/soon.js';
import { mayFollowChunks } from '../../smtp/bdat.js';
import { REPLIES } from '../../smtp/reply-codes.js';
import type { InputHandler, LineFault, Step } from '../listener/input-reader.js';
import { type Answer, fault, type Next, type NextLine, refuse } from '../stages/answer.js';
import {
  CHUNK_VERB,
  type Command,
  decodeLine,
  knownVerb,
  parseCommand,
  runCommand,
} from '../stages/commands.js';
import type { Admission } from './admission.js';
import { Deadline } from './deadline.js';
import { conclude, failedInside, tellBroken } from './record.js';
import type { Session } from './session.js';
import type { Transfer } from './transfer.js';
import { Visit } from './visit.js';
import type { Wire } from './wire.js';

/** For the fact; see core/facts. */
export type EndReason = 'quit' | 'client' | 'error' | 'timeout' | 'refused' | 'shutdown' | 'handed-over';

/** A handshake takes a few packets. */
const HANDSHAKE_MS = 60_000;

export class Conversation implements InputHandler {
  readonly #wire: Wire;
  readonly #admission: Admission;
  readonly #onEnd: (reason: EndReason) => void;
  readonly #deadline: Deadline;
  #visit: Visit;
  /** Who takes the next line, where that is no command. */
  #nextLine: NextLine | undefined;
  #greeted = false;
  #working = false;
  #stopping = false;
  #ended = false;

  constructor(session: Session, wire: Wire, admission: Admission, onEnd: (reason: EndReason) => void) {
    this.#wire = wire;
    this.#admission = admission;
    this.#onEnd = onEnd;
    this.#deadline = new Deadline(session.deps.clock, () => {
      this.#endWith(refuse(REPLIES.timeout, 'timeout'), 'timeout');
    });
    this.#visit = new Visit(session, admission, this.#deadline);
  }

  get #session(): Session {
    return this.#visit.session;
  }

  get #transfer(): Transfer {
    return this.#visit.transfer;
  }

  /** Admits the client, shakes hands where that comes first, waits for early talkers, greets. */
  open(isImplicit: boolean): Step {
    if (!this.#admit(isImplicit)) return undefined;
    if (!isImplicit && !this.#visit.isWatched) return this.#greet();
    return this.#openLater(isImplicit);
  }

  async #openLater(isImplicit: boolean): Promise<void> {
    if (isImplicit && !(await this.#handshake())) return;
    await this.#visit.silence();
    await this.#greet();
  }

  /** Before a handshake there is nobody who could read a refusal in clear. */
  #admit(isQuiet: boolean): boolean {
    const tooMany = this.#visit.admit();
    if (tooMany && isQuiet) this.#end('refused');
    else if (tooMany) this.#endWith(tooMany, 'refused');
    return !tooMany;
  }

  /** Asks the policies and greets. Nobody is asked about a client that has left meanwhile. */
  #greet(): Step {
    const asked = this.#work('CONNECT', () => this.#visit.greeting());
    if (!asked) this.#greeted = true;
    return asked?.then(() => {
      this.#greeted = true;
    });
  }

  /** Whether the client may leave without missing an answer that it needs. */
  get mayLeave(): boolean {
    return !this.#session.isStoring;
  }

  /** Whether input may be read: before the greeting it waits, and is remembered as early. */
  mayRead(): boolean {
    if (!this.#greeted) this.#visit.spokeEarly();
    return this.#greeted;
  }

  /** Whether there is encryption now; if not, the connection is over. */
  async #handshake(): Promise<boolean> {
    const { idleTimeoutMs, commandTimeoutMs } = this.#session.listener;
    this.#deadline.set(Math.min(HANDSHAKE_MS, idleTimeoutMs, commandTimeoutMs));
    const tls = await this.#wire.encrypt();
    if (!tls) {
      this.#end('client');
      return false;
    }
    this.#session.secured(tls);
    return !this.#ended;
  }

  noteHandshake(reason: string): void {
    this.#session.deps.facts.publish('tls.failed', { session: this.#session.id, reason });
  }

  line(line: Buffer): Step {
    const nextLine = this.#nextLine;
    if (nextLine) {
      this.#expect(undefined);
      return this.#work('AUTH', () => nextLine.take(line.toString('latin1')));
    }
    const text = decodeLine(line);
    return typeof text === 'string' ? this.#command(text) : this.#work('UNKNOWN', () => text);
  }

  badLine(kind: LineFault): Step {
    const nextLine = this.#nextLine;
    this.#expect(undefined);
    if (nextLine && kind === 'too-long') return this.#work('AUTH', () => nextLine.tooLong);
    const reply = kind === 'bare-lf' ? REPLIES.bareLineFeed : REPLIES.lineTooLong;
    return this.#work('UNKNOWN', () => fault(reply, kind));
  }

  /** However slowly a line comes, it gets no more than this. */
  lineBegan(): void {
    if (!this.#ended) this.#wait(this.#session.listener.commandTimeoutMs);
  }

  #expect(nextLine: NextLine | undefined): void {
    if (nextLine === this.#nextLine) return;
    this.#nextLine = nextLine;
    this.#wire.limitLine(nextLine?.maxOctets ?? this.#session.settings.limits.maxCommandOctets);
  }

  #command(text: string): Step {
    const command = parseCommand(text);
    const verb = knownVerb(command.verb);
    const nuisance = this.#visit.begin(command);
    if (nuisance) return this.#work(verb, () => nuisance);
    if (command.verb === CHUNK_VERB) return this.#chunk(command);
    if (!mayFollowChunks(this.#session.chunks, command.verb))
      return this.#work(verb, () => fault(REPLIES.chunksOpen, 'bad-sequence'));
    return this.#work(verb, () => runCommand(this.#session, command));
  }

  /** Waits for the client, at most so long. */
  #wait(ms: number): void {
    this.#deadline.set(this.#transfer.limit(ms));
  }

  /** The octets of a chunk follow at once, and are answered when they are there. */
  #chunk({ argument }: Command): Step {
    if (this.#ended) return undefined;
    const begun = this.#transfer.beginChunk(argument);
    if ('reply' in begun) return this.#work(CHUNK_VERB, () => begun);
    if (begun.size === 0) return this.contentEnd();
    this.#wire.readChunk(begun.size);
    this.#transfer.awaitMore();
    return undefined;
  }

  content(piece: Buffer): Step {
    if (this.#ended) return undefined;
    const taken = this.#transfer.take(piece);
    const overdrawn = this.#transfer.overdrawn;
    if (!overdrawn) return taken;
    this.#endWith(overdrawn, 'refused');
    return undefined;
  }

  contentEnd(): Step {
    return this.#work('end-of-data', () => this.#transfer.end());
  }

  /** Runs one step from what arrived to what is answered; the client waits and no deadline runs. */
  #work(verb: string, step: () => Soon<Answer>): Step {
    if (this.#ended) return undefined;
    this.#deadline.clear();
    this.#working = true;
    let answer: Soon<Answer>;
    try {
      answer = step();
    } catch (error) {
      answer = failedInside(this.#session, verb, error);
    }
    if (!(answer instanceof Promise)) return this.#settle(verb, answer);
    return answer.then(
      (settled) => this.#settle(verb, settled),
      (error: unknown) => this.#settle(verb, failedInside(this.#session, verb, error)),
    );
  }

  #settle(verb: string, answer: Answer): Step {
    this.#working = false;
    // The client may have gone while we worked; then there is nobody to answer.
    if (this.#ended) return undefined;
    this.#transfer.settle();
    return this.#answer(verb, this.#visit.judge(answer));
  }

  #answer(verb: string, answer: Answer): Step {
    const text = conclude(this.#session, verb, answer);
    this.#wire.write(answer.copies === undefined ? text : text.repeat(answer.copies));
    if (answer.reply.close)
      this.#end(answer.reply.code === 221 ? 'quit' : verb === 'CONNECT' ? 'refused' : 'error');
    else if (answer.next) return this.#goOn(answer.next);
    else if (this.#stopping && !this.#session.transaction) {
      this.#endWith(refuse(REPLIES.shuttingDown, 'shutdown'), 'shutdown');
    } else this.#wait(this.#session.listener.idleTimeoutMs);
    return this.#ended ? undefined : this.#wire.drained();
  }

  /** What follows instead of a command. */
  #goOn(next: Next): Step {
    switch (next.kind) {
      case 'message': {
        const { transaction } = this.#session;
        if (transaction) this.#transfer.beginMessage(transaction);
        this.#wire.readMessage();
        this.#transfer.awaitMore();
        return undefined;
      }
      case 'line':
        this.#expect(next);
        this.#wait(this.#session.listener.idleTimeoutMs);
        return undefined;
      case 'tls':
        return this.#upgrade();
      case 'session':
        return this.#handOver(next.session(this.#session.deps.sessionIds()));
    }
  }

  async #upgrade(): Promise<void> {
    if (await this.#handshake()) this.#wait(this.#session.listener.idleTimeoutMs);
  }

  /** From here on the connection is another client's; the one before it has ended. */
  #handOver(session: Session): Step {
    this.#visit.leave('handed-over');
    this.#visit = new Visit(session, this.#admission, this.#deadline);
    return this.#admit(false) ? this.#greet() : undefined;
  }

  /** The server stops: an idle client is told at once, one with a message open may finish it. */
  stop(): void {
    this.#stopping = true;
    const isIdle = !this.#working && !this.#session.transaction;
    if (isIdle) this.#endWith(refuse(REPLIES.shuttingDown, 'shutdown'), 'shutdown');
  }

  forceStop(): void {
    this.#endWith(refuse(REPLIES.shuttingDown, 'shutdown'), 'shutdown');
  }

  /** The connection is gone. */
  closed(error?: Error): void {
    if (error) tellBroken(this.#session, error);
    this.#end('client');
  }

  /** Ends the conversation with a reply nobody asked for. */
  #endWith(answer: Answer, why: EndReason): void {
    if (this.#ended) return;
    this.#wire.write(conclude(this.#session, 'SESSION', answer));
    this.#end(why);
  }

  #end(reason: EndReason): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#deadline.dispose();
    const wasAdmitted = this.#visit.isAdmitted;
    this.#visit.leave(reason);
    if (wasAdmitted) this.#wire.hangUp();
    else this.#wire.cutOff();
    this.#onEnd(reason);
  }
}
