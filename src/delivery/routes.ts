/**
 * Several transports as one: each recipient goes the way of its domain.
 *
 * The most specific pattern wins: the domain itself, then `*.example.net` with the most labels,
 * then `*`, and the fallback for the rest. A domain in U-labels and the same one in A-labels are one.
 * The transports of one message work at the same time, and what one of them does not achieve has
 * no effect on the recipients of the others.
 *
 * Callers: app makes it, the dispatcher asks it. Rejects with ERR_QUEUE_CORRUPT after all
 * transports have ended; every other fault of a transport defers its own recipients.
 */
import { isEngineError, messageOf } from '../core/errors.js';
import type { RecipientState } from '../queue/entry.js';
import { comparableDomain } from '../smtp/domain.js';
import type { DeliveryTransport, RecipientResult } from './transport.js';

export interface Route {
  /** Domains, `*.example.net` for all below one, `*` for all; letter case and U-labels do not matter. */
  readonly domains: readonly string[];
  readonly transport: DeliveryTransport;
}

/** `*.b.c` and `*.c` for `a.b.c`, then `*`. */
function* patternsFor(domain: string): Generator<string> {
  yield domain;
  for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
    yield `*${domain.slice(dot)}`;
  }
  yield '*';
}

function comparablePattern(pattern: string): string {
  return pattern.startsWith('*.') ? `*.${comparableDomain(pattern.slice(2))}` : comparableDomain(pattern);
}

/** Finds what is written for a domain; the most specific pattern wins. */
export function createDomainTable<T>(rows: Iterable<readonly [pattern: string, value: T]>) {
  const table = new Map([...rows].map(([pattern, value]) => [comparablePattern(pattern), value] as const));
  return (domain: string): T | undefined => {
    for (const pattern of patternsFor(comparableDomain(domain))) {
      const found = table.get(pattern);
      if (found !== undefined) return found;
    }
    return undefined;
  };
}

function named(result: RecipientResult, transport: DeliveryTransport): RecipientResult {
  return result.status === 'delivered' ? { transport: transport.name, ...result } : result;
}

export function createRoutes(routes: readonly Route[], fallback: DeliveryTransport): DeliveryTransport {
  const find = createDomainTable(
    routes.flatMap(({ domains, transport }) => domains.map((domain) => [domain, transport] as const)),
  );

  function sorted(recipients: readonly RecipientState[]): ReadonlyMap<DeliveryTransport, RecipientState[]> {
    const parts = new Map<DeliveryTransport, RecipientState[]>();
    for (const recipient of recipients) {
      const transport = find(recipient.domain) ?? fallback;
      const part = parts.get(transport);
      if (part) part.push(recipient);
      else parts.set(transport, [recipient]);
    }
    return parts;
  }

  return {
    name: 'routes',
    async deliver(entry, recipients, signal, report) {
      let damage: Error | undefined;
      const parts = [...sorted(recipients)].map(async ([transport, part]) => {
        const told = new Set<string>();
        const tell = (result: RecipientResult): void => {
          told.add(result.address);
          report(named(result, transport));
        };
        try {
          for (const result of await transport.deliver(entry, part, signal, tell)) {
            if (!told.has(result.address)) tell(result);
          }
        } catch (error) {
          if (isEngineError(error, 'ERR_QUEUE_CORRUPT')) {
            damage = error;
            return;
          }
          // Nobody listens any more, and what was not tried shall not count as tried.
          if (signal.aborted) return;
          const reason = messageOf(error);
          for (const { address } of part) {
            if (!told.has(address)) tell({ status: 'deferred', address, reason });
          }
        }
      });
      await Promise.all(parts);
      if (damage) throw damage;
      return [];
    },
  };
}
