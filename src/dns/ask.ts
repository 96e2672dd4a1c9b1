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
  /** Milliseconds for the whole question. */
  readonly deadlineMs: number;
  /** How often each server is asked; at least 1. */
  readonly tries: number;
  /** Whether a server's claim that it validated the data is believed. */
  readonly trustsAd: (server: DnsServer) => boolean;
}

export function ask<T extends RecordType>(
  deps: AskDeps,
  query: DnsQuery & { readonly type: T },
  signal?: AbortSignal,
): Promise<Asked<T>> {
  return new Promise((resolve) => {
    new Question<T>(deps, query, { resolve, signal }).start();
  });
}

interface Way {
  readonly wire: Wire;
  readonly query: DnsQuery;
}

interface Asker<T extends RecordType> {
  readonly resolve: (outcome: Asked<T>) => void;
  readonly signal: AbortSignal | undefined;
}

class Question<T extends RecordType> {
  readonly #deps: AskDeps;
  readonly #query: DnsQuery & { readonly type: T };
  readonly #asker: Asker<T>;
  /** Servers still to be asked, in order. */
  readonly #turns: DnsServer[];
  /** An equal share of the time for each attempt: no patience is longer. */
  readonly #shareMs: number;
  #patienceMs = FIRST_PATIENCE_MS;
  /** Attempts that may still answer, each with what cancels it. */
  readonly #live = new Map<symbol, Cancel>();
  #last: { readonly trouble: DnsTrouble; readonly detail: string } = {
    trouble: 'network',
    detail: 'no server',
  };
  #cancelTurn: Cancel | undefined;
  #cancelDeadline: Cancel | undefined;
  #settled = false;

  constructor(deps: AskDeps, query: DnsQuery & { readonly type: T }, asker: Asker<T>) {
    this.#deps = deps;
    this.#query = query;
    this.#asker = asker;
    const servers = deps.order.list();
    this.#turns = Array.from({ length: Math.max(1, deps.tries) }, () => servers).flat();
    this.#shareMs = deps.deadlineMs / Math.max(1, this.#turns.length);
  }

  start(): void {
    this.#asker.signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.#cancelDeadline = this.#deps.clock.after(this.#deps.deadlineMs, () => {
      this.#giveUp('timeout', `no answer within ${Math.round(this.#deps.deadlineMs)} ms`);
    });
    this.#nextTurn();
  }

  #nextTurn(): void {
    this.#cancelTurn?.();
    const server = this.#turns.shift();
    if (!server) {
      if (this.#live.size === 0) this.#giveUp(this.#last.trouble, this.#last.detail);
      return;
    }
    const attempt = Symbol('attempt');
    this.#send(attempt, server, { wire: this.#deps.udp, query: this.#query });
    this.#cancelTurn = this.#deps.clock.after(Math.min(this.#patienceMs, this.#shareMs), () => {
      this.#deps.order.silent(server);
      this.#nextTurn();
    });
    this.#patienceMs *= 2;
  }

  #send(attempt: symbol, server: DnsServer, way: Way): void {
    const cancel = way.wire.send(server, way.query, (reply) => {
      this.#live.delete(attempt);
      if (!this.#settled) this.#hear({ attempt, server, ...way }, reply);
    });
    this.#live.set(attempt, cancel);
  }

  #hear(from: Way & { readonly attempt: symbol; readonly server: DnsServer }, reply: WireReply): void {
    const { attempt, server, query, wire } = from;
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
    } else if (response.truncated) this.#send(attempt, server, { wire: this.#deps.tcp, query });
    else if (query.edns && refusesEdns(response)) {
      this.#send(attempt, server, { wire: this.#deps.udp, query: withoutEdns(query) });
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
    for (const cancel of this.#live.values()) cancel();
    this.#live.clear();
    this.#asker.resolve(outcome);
  }
}

function refusesEdns(response: DnsResponse): boolean {
  return response.rcode === FORMAT_ERROR || response.rcode === NOT_IMPLEMENTED;
}
