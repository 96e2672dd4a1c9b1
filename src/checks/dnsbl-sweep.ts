/**
 * A quick look at many block lists at once, for an operator who asks "where are we listed?".
 *
 * Served by the dnsbl package, which cannot tell "not listed" from "DNS is down" and does not
 * show codes: hence the second label is "not confirmed", and nothing that decides about mail may
 * use this. Each list gets a resolver of its own, so that a dead one takes no other with it.
 *
 * Callers: cli only. Always resolves. The package keeps its own timers, so this is no part of
 * what can be replayed.
 */
import { createHook } from 'node:async_hooks';
import { formatIpAddress, parseIpAddress } from '../dns/ip-address.js';

export interface SweepRow {
  readonly list: string;
  readonly label: 'listed' | 'not confirmed';
}

export type SweepOutcome =
  | { readonly status: 'done'; readonly rows: readonly SweepRow[] }
  | { readonly status: 'badAddress' };

export interface SweepArgs {
  readonly ip: string;
  readonly lists: readonly string[];
  /** DNS servers to ask, `192.0.2.1` or `192.0.2.1:5353`; at least one. */
  readonly servers: readonly string[];
  /** Milliseconds per list. Default 5000. */
  readonly timeoutMs?: number;
  /** Lists asked at the same time. Default 16. */
  readonly parallel?: number;
}

export async function sweepDnsbls(args: SweepArgs): Promise<SweepOutcome> {
  const address = parseIpAddress(args.ip);
  if (!address) return { status: 'badAddress' };
  const { lookup } = await import('dnsbl');
  const options = { servers: args.servers, timeout: args.timeoutMs ?? 5000 };
  const rows: SweepRow[] = args.lists.map((list) => ({ list, label: 'not confirmed' }));
  const waiting = rows.entries();
  const ip = formatIpAddress(address);
  const work = async (): Promise<void> => {
    // All workers draw from one iterator, so each list is asked once.
    for (const [index, { list }] of waiting) {
      if (await withoutHold(() => lookup(ip, list, options))) rows[index] = { list, label: 'listed' };
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, args.parallel ?? 16) }, work));
  return { status: 'done', rows };
}

/**
 * Runs `start` so that the timers it sets at once do not keep the process alive: after a list that
 * says no the package leaves its timer running, and a command would end seconds after its answer.
 */
function withoutHold<T>(start: () => T): T {
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout') (resource as NodeJS.Timeout).unref();
    },
  }).enable();
  try {
    return start();
  } finally {
    hook.disable();
  }
}
