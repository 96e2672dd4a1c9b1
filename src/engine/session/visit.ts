/**
 * One client on a connection: its session, its place among the others, its message under way.
 *
 * A connection has one visit after the other when a relay speaks for several clients by XCLIENT.
 * What a visit holds is given back once, by `leave`.
 *
 * Callers: conversation.ts.
 */
import { REPLIES } from '../../smtp/reply-codes.js';
import { type Soon, soon } from '../../core/soon.js';
import { type Answer, refuse } from '../stages/answer.js';
import { CHUNK_VERB, type Command } from '../stages/commands.js';
import { connect } from '../stages/connect.js';
import type { Admission, Entrant } from './admission.js';
import type { Deadline } from './deadline.js';
import { Nuisance, type NuisanceKind } from './nuisance.js';
import { tellClosed, tellOpened, tellRefusedMessage } from './record.js';
import type { Session } from './session.js';
import { Transfer } from './transfer.js';

const EMPTY_CHUNK = /^0+$/;

const ENDS: Readonly<Record<NuisanceKind, Answer>> = {
  errors: refuse(REPLIES.tooManyErrors, 'too-many-errors'),
  junk: refuse(REPLIES.tooMuchJunk, 'junk-commands'),
  fruitless: refuse(REPLIES.tooMuchJunk, 'fruitless-commands'),
};

export class Visit {
  readonly session: Session;
  readonly transfer: Transfer;
  readonly #admission: Admission;
  readonly #beganAt: number;
  readonly #nuisance: Nuisance;
  /** Whether it has a place. */
  isAdmitted = false;
  #spokeEarly = false;

  constructor(session: Session, admission: Admission, deadline: Deadline) {
    this.session = session;
    this.transfer = new Transfer(session, deadline, (answer) => {
      this.#answered(answer);
    });
    this.#admission = admission;
    this.#beganAt = session.deps.clock.elapsed();
    this.#nuisance = new Nuisance(session.settings.limits);
  }

  /** Takes a place; the refusal when there is none. */
  admit(): Answer | undefined {
    const { listener, settings } = this.session;
    tellOpened(this.session);
    const admitted = this.#admission.enter(this.#entrant, {
      inAll: settings.limits.maxConnections,
      onListener: listener.maxConnections,
      fromClient: listener.maxConnectionsPerAddress,
    });
    this.isAdmitted = admitted === 'admitted';
    if (admitted === 'admitted') return undefined;
    const tooMany = admitted === 'too-many' ? REPLIES.tooManyConnections : REPLIES.tooManyFromAddress;
    return refuse(tooMany, admitted);
  }

  /** As whom the client counts. */
  get #entrant(): Entrant {
    return { listener: this.session.listener.name, address: this.session.peer.remoteIp };
  }

  /** Strangers have to be silent for a while; trusted clients are greeted at once. */
  get isWatched(): boolean {
    return this.session.listener.earlyTalkerDelayMs > 0 && !this.session.isTrusted;
  }

  /** Settles when the greeting may be said. */
  async silence(): Promise<void> {
    if (!this.isWatched) return;
    const { deps, listener } = this.session;
    await new Promise<void>((resolve) => {
      deps.clock.after(listener.earlyTalkerDelayMs, resolve);
    });
  }

  /** The client has sent something before the greeting. */
  spokeEarly(): void {
    this.#spokeEarly = true;
  }

  /** What a stranger is told who did not wait. */
  get #early(): Answer | undefined {
    return this.#spokeEarly && this.isWatched ? refuse(REPLIES.earlyTalker, 'early-talker') : undefined;
  }

  /** Asks the policies. A client may still show itself as an early talker while they are asked. */
  greeting(): Soon<Answer> {
    return this.#early ?? soon(connect(this.session), (answer) => this.#early ?? answer);
  }

  /** A command has come; with an answer here it is not to be run any more. */
  begin({ verb, argument }: Command): Answer | undefined {
    // A chunk without octets that is not the last does as much as NOOP.
    const isEmptyChunk = verb === CHUNK_VERB && EMPTY_CHUNK.test(argument);
    const kind = this.#nuisance.command(isEmptyChunk ? 'NOOP' : verb);
    return kind && ENDS[kind];
  }

  /** The answer, or the end of a session that made too many errors. */
  judge(answer: Answer): Answer {
    const kind = answer.isError === true ? this.#nuisance.error() : undefined;
    return kind ? ENDS[kind] : answer;
  }

  /** A message was answered. */
  #answered(answer: Answer): void {
    if (answer.reply.code >= 400) tellRefusedMessage(this.session, answer);
    else this.#nuisance.message();
  }

  leave(reason: string): void {
    const { session } = this;
    this.transfer.abort();
    if (this.isAdmitted) this.#admission.leave(this.#entrant);
    this.isAdmitted = false;
    session.end();
    session.policies.close(reason);
    tellClosed(session, reason, this.#beganAt);
  }
}
