/**
 * One question, several servers, one deadline.
 *
 * Each server is tried in turn and more than once. A server that fails hands over at once; one
 * that is silent hands over soon, because packets get lost, but its answer still counts if it
 * comes before another's. The first server that knows settles the question; when nobody does, the last
 * trouble is the outcome. Never rejects.
 *
 * Callers: udp-resolver. RFC 1035 §7.2, RFC 6891 §7 (servers that refuse EDNS).
 */
import type { Cancel, Clock } from '../core/clock.js';
import { type DnsQuery, withoutEdns } from './query-packet.js';
import { type AliasOutcome, FORMAT_ERROR, NOT_IMPLEMENTED, readAnswer } from './read-answer.js';
import type { DnsOutcome, DnsTrouble, RecordData, RecordType } from './resolver.js';
import { type DnsResponse, decodeResponse } from './response-packet.js';
import type { DnsServer } from './server-address.js';
import type { ServerOrder } from './server-order.js';
import type { Wire, WireReply } from './wire.js';

/** What `ask` finds out: an outcome, or that another name has to be asked. */
export type Asked<T extends RecordType> = DnsOutcome<RecordData[T]> | AliasOutcome;

/** How long the first attempt may be silent; each later one twice as long as the one before. */
const FIRST_PATIENCE_MS = 800;

export interface AskDeps {
  readonly clock: Clock;
  readonly udp: Wire;
  readonly tcp: Wire;
  readonly order: ServerOrder;
  /** How often each server is asked; at least 1. */
  readonly tries: number;
  /** Whether a server's claim that it validated the data is believed. */
  readonly trustsAd: (server: DnsServer) => boolean;
}

export interface AskLimits {
  /** Milliseconds for the whole question. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

export function ask<T extends RecordType>(
  deps: AskDeps,
  query: DnsQuery<T>,
  limits: AskLimits,
): Promise<Asked<T>> {
  return new Promise((resolve) => {
    new Question<T>(deps, query, { resolve, ...limits }).start();
  });
}

interface Trouble {
  readonly trouble: DnsTrouble;
  readonly detail: string;
}
const NO_SERVER: Trouble = { trouble: 'network', detail: 'no server' };

interface Way {
  readonly wire: Wire;
  readonly query: DnsQuery;
}

interface Asker<T extends RecordType> extends AskLimits {
  readonly resolve: (outcome: Asked<T>) => void;
}

/** One server asked once, over one wire or several; what cancels it, once it is under way. */
interface Attempt {
  readonly server: DnsServer;
  cancel: Cancel | undefined;
}

class Question<T extends RecordType> {
  readonly #deps: AskDeps;
  readonly #query: DnsQuery<T>;
  readonly #asker: Asker<T>;
  readonly #servers: readonly DnsServer[];
  /** How many attempts there may be; each server is asked in its turn. */
  readonly #mostTurns: number;
  #turn = 0;
  #patienceMs = FIRST_PATIENCE_MS;
  /** Attempts that may still answer. */
  readonly #live = new Set<Attempt>();
  #last: Trouble = NO_SERVER;
  #cancelTurn: Cancel | undefined;
  #cancelDeadline: Cancel | undefined;
  #settled = false;

  constructor(deps: AskDeps, query: DnsQuery<T>, asker: Asker<T>) {
    this.#deps = deps;
    this.#query = query;
    this.#asker = asker;
    this.#servers = deps.order.list();
    this.#mostTurns = this.#servers.length * Math.max(1, deps.tries);
  }

  start(): void {
    const { signal, deadlineMs } = this.#asker;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#cancelDeadline = this.#deps.clock.after(deadlineMs, () => {
      this.#giveUp('timeout', `no answer within ${Math.round(deadlineMs)} ms`);
    });
    this.#nextTurn();
  }

  #nextTurn(): void {
    this.#cancelTurn?.();
    const server = this.#servers[this.#turn % this.#servers.length];
    if (!server || this.#turn >= this.#mostTurns) {
      if (this.#live.size === 0) this.#giveUp(this.#last.trouble, this.#last.detail);
      return;
    }
    this.#turn++;
    this.#send({ server, cancel: undefined }, { wire: this.#deps.udp, query: this.#query });
    // An equal share of the time for each attempt: no patience is longer.
    const patienceMs = Math.min(this.#patienceMs, this.#asker.deadlineMs / this.#mostTurns);
    this.#cancelTurn = this.#deps.clock.after(patienceMs, () => {
      this.#deps.order.silent(server);
      this.#nextTurn();
    });
    this.#patienceMs *= 2;
  }

  #send(attempt: Attempt, way: Way): void {
    this.#live.add(attempt);
    attempt.cancel = way.wire.send(attempt.server, way.query, (reply) => {
      this.#live.delete(attempt);
      if (!this.#settled) this.#hear(attempt, way, reply);
    });
  }

  #hear(attempt: Attempt, { query, wire }: Way, reply: WireReply): void {
    const { server } = attempt;
    if (reply.status === 'failed') {
      this.#deps.order.failed(server);
      this.#lose('network', reply.detail);
      return;
    }
    const decoded = decodeResponse(reply.packet);
    if (decoded.status === 'malformed') {
      this.#lose('malformed', decoded.detail);
      return;
    }
    this.#deps.order.answered(server);
    const { response } = decoded;
    if (response.truncated && wire === this.#deps.tcp) {
      this.#lose('malformed', `${server.address}: cut short by TCP too`);
    } else if (response.truncated) this.#send(attempt, { wire: this.#deps.tcp, query });
    else if (query.edns && refusesEdns(response)) {
      this.#send(attempt, { wire: this.#deps.udp, query: withoutEdns(query) });
    } else this.#judge(server, response);
  }

  #judge(server: DnsServer, response: DnsResponse): void {
    const outcome = readAnswer(this.#query, response, this.#deps.trustsAd(server));
    if (outcome.status === 'tempFail') this.#lose(outcome.trouble, `${server.address}: ${outcome.detail}`);
    else this.#settle(outcome);
  }

  /** This attempt has failed; the next server gets its turn at once. */
  #lose(trouble: DnsTrouble, detail: string): void {
    this.#last = { trouble, detail };
    this.#nextTurn();
  }

  readonly #onAbort = (): void => {
    this.#giveUp('aborted', 'the asker has gone');
  };

  #giveUp(trouble: DnsTrouble, detail: string): void {
    this.#settle({ status: 'tempFail', trouble, detail });
  }

  #settle(outcome: Asked<T>): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#cancelTurn?.();
    this.#cancelDeadline?.();
    this.#asker.signal?.removeEventListener('abort', this.#onAbort);
    for (const { cancel } of this.#live) cancel?.();
    this.#live.clear();
    this.#asker.resolve(outcome);
  }
}

function refusesEdns(response: DnsResponse): boolean {
  return response.rcode === FORMAT_ERROR || response.rcode === NOT_IMPLEMENTED;
}
