/**
 * The resolver that talks to DNS servers.
 *
 * It asks recursive servers, by UDP and by TCP where an answer was cut, and keeps nothing: put a
 * caching resolver before it. An alias that a server left open is followed by asking again, eight
 * times at most and within the one deadline. The "validated" mark of a server counts only when that server runs
 * on this host, because anybody on the way could have set it.
 *
 * Callers: app, cli. Never rejects and never throws after creation; a server address that is none
 * throws ERR_DNS_SERVER at creation.
 */
import type { Clock } from '../core/clock.js';
import { EngineError } from '../core/errors.js';
import { type AskDeps, type AskLimits, ask } from './ask.js';
import { isLoopback, parseIpAddress } from './ip-address.js';
import { createQuery } from './query-packet.js';
import type { DnsOutcome, DnsTrouble, RecordData, RecordType, Resolver } from './resolver.js';
import { type DnsServer, parseDnsServer } from './server-address.js';
import { createServerOrder } from './server-order.js';
import { createTcpWire } from './tcp-wire.js';
import { createUdpWire } from './udp-wire.js';

export interface UdpResolverOptions {
  readonly clock: Clock;
  /** `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:5353`, the preferred one first; at least one. */
  readonly servers: readonly string[];
  /** Milliseconds for one question, all servers and tries together. Default 5000. */
  readonly deadlineMs?: number;
  /** How often each server is asked. Default 2. */
  readonly tries?: number;
  /** Questions open at once; more answer `tempFail` at once. Default 4096. */
  readonly maxOpen?: number;
}

/** Aliases that are followed by asking again. */
const MOST_ALIASES = 8;

export function createUdpResolver(options: UdpResolverOptions): Resolver {
  const { clock, maxOpen = 4096 } = options;
  const servers = options.servers.map(serverOrThrow);
  const deps: AskDeps = {
    clock,
    udp: createUdpWire(clock),
    tcp: createTcpWire(clock),
    order: createServerOrder(servers, clock),
    tries: options.tries ?? 2,
    trustsAd: runsHere,
  };
  const deadlineMs = options.deadlineMs ?? 5000;
  const closing = new AbortController();
  let open = 0;
  return {
    async resolve(name, type, { signal } = {}) {
      if (closing.signal.aborted) return tempFail('aborted', 'the resolver is closed');
      if (signal?.aborted) return tempFail('aborted', 'the asker has gone');
      if (open >= maxOpen) return tempFail('network', `${maxOpen} questions are open already`);
      open++;
      try {
        return await askThrough(deps, { name, type }, { deadlineMs, signal });
      } finally {
        open--;
      }
    },
    close() {
      closing.abort();
      deps.udp.close();
      deps.tcp.close();
    },
  };
}

interface Wanted<T extends RecordType> {
  readonly name: string;
  readonly type: T;
}

async function askThrough<T extends RecordType>(
  deps: AskDeps,
  wanted: Wanted<T>,
  { deadlineMs, signal }: AskLimits,
): Promise<DnsOutcome<RecordData[T]>> {
  const until = deps.clock.elapsed() + deadlineMs;
  let { name } = wanted;
  let chain = { ttlSeconds: Number.POSITIVE_INFINITY, authentic: true };
  for (let questions = 0; questions <= MOST_ALIASES; questions++) {
    const query = createQuery(name, wanted.type);
    if (!query) {
      // The asker's own name is its own fault; a bad target is the fault of whoever wrote the alias.
      return questions === 0
        ? tempFail('badName', 'no packet can hold this name')
        : tempFail('malformed', 'an alias leads to a name that no packet can hold');
    }
    const leftMs = Math.max(1, until - deps.clock.elapsed());
    const asked = await ask(deps, query, { deadlineMs: leftMs, signal });
    if (asked.status === 'tempFail') return asked;
    chain = {
      ttlSeconds: Math.min(chain.ttlSeconds, asked.ttlSeconds),
      authentic: chain.authentic && asked.authentic,
    };
    if (asked.status !== 'alias') return { ...asked, ...chain };
    name = asked.target;
  }
  return tempFail('malformed', 'aliases form a chain without end');
}

function serverOrThrow(text: string): DnsServer {
  const server = parseDnsServer(text);
  if (!server) throw new EngineError('ERR_DNS_SERVER', { detail: { server: text } });
  return server;
}

function runsHere(server: DnsServer): boolean {
  const address = parseIpAddress(server.address);
  return address !== undefined && isLoopback(address);
}

function tempFail(trouble: DnsTrouble, detail: string) {
  return { status: 'tempFail', trouble, detail } as const;
}
