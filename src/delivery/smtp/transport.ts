/**
 * Delivery to one next hop, by SMTP or LMTP.
 *
 * The recipients of a message go in groups of at most a hundred, which every server takes
 * (RFC 5321 §4.5.3.1.8), or as many as the peer says it takes (RFC 9422). A refusal is the peer's
 * text; a fault of the connection defers. After a fault those recipients count as not delivered
 * whose answer was not heard, so that a crash or a cut can repeat a message but never lose it.
 *
 * Callers: app makes it, delivery/routes or the dispatcher asks it. Rejects only for a damaged
 * body, which the dispatcher parks.
 */
import type { Clock } from '../../core/clock.js';
import { EngineError, isEngineError, messageOf } from '../../core/errors.js';
import type { QueueEntry, RecipientState } from '../../queue/entry.js';
import { type NextHop, staysHere } from '../next-hop.js';
import type { DeliveryTransport, RecipientResult, ReportResult } from '../transport.js';
import { openClient, type TlsChoice } from './open-client.js';
import { createPool, type Pool, type PoolOptions } from './pool.js';
import { oneLine } from './reply.js';
import { DEFAULT_TIMEOUTS, type Timeouts } from './timeouts.js';
import { transact } from './transaction.js';

export interface NextHopOptions extends Pick<PoolOptions, 'idleMs' | 'mostIdle'> {
  readonly hop: NextHop;
  /** Our own name, said in EHLO and LHLO. */
  readonly hostname: string;
  readonly tls: TlsChoice;
  readonly clock: Clock;
  readonly timeouts?: Partial<Timeouts>;
  /** PEM certificates that are trusted instead of those of the system; for tests. */
  readonly ca?: string;
}

export interface NextHopTransport extends DeliveryTransport {
  /** Leaves the idle connections. Messages under way are not waited for. */
  close(): Promise<void>;
}

const MOST_RECIPIENTS = 100;

interface Group {
  readonly entry: QueueEntry;
  readonly recipients: readonly RecipientState[];
  readonly signal: AbortSignal;
  readonly report: ReportResult;
}

/** Refusals and faults name the next hop, because a message may have several. */
function named(result: RecipientResult, hop: NextHop): RecipientResult {
  if (result.status === 'delivered') return result;
  const detail = { hop: hop.url, reason: result.reason };
  return { ...result, reason: new EngineError('ERR_DELIVERY_NEXT_HOP', { detail }).message };
}

function createGroupDelivery(options: NextHopOptions, pool: Pool): (group: Group) => Promise<number> {
  const { hop } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const isLocalDelivery = hop.protocol === 'lmtp' && staysHere(hop);
  return async ({ entry, recipients, signal, report }) => {
    const told = new Set<string>();
    const tell = (result: RecipientResult): void => {
      told.add(result.address);
      report(named(result, hop));
    };
    let taken = recipients.length;
    try {
      await pool.use(signal, async (client) => {
        const most = Number(
          /\bRCPTMAX=(\d{1,6})\b/i.exec(client.facts().extensions.get('LIMITS') ?? '')?.[1],
        );
        taken = most > 0 ? Math.min(most, recipients.length) : recipients.length;
        await transact({
          client,
          entry,
          recipients: recipients.slice(0, taken),
          protocol: hop.protocol,
          isLocalDelivery,
          timeouts,
          report: tell,
        });
      });
    } catch (error) {
      // After an abort nobody listens, and what was not tried shall not count as tried.
      if (isEngineError(error, 'ERR_QUEUE_CORRUPT') || signal.aborted) throw error;
      const reason = oneLine(messageOf(error));
      for (const { address } of recipients) {
        if (!told.has(address)) tell({ status: 'deferred', address, reason });
      }
      return recipients.length;
    }
    return taken;
  };
}

export function createNextHopTransport(options: NextHopOptions): NextHopTransport {
  const { hop, hostname, tls, clock, ca } = options;
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const opening = { hop, hostname, tls, clock, timeouts, ...(ca === undefined ? {} : { ca }) };
  const pool = createPool({ ...options, open: (signal) => openClient(opening, signal) });
  const deliverGroup = createGroupDelivery(options, pool);
  return {
    name: hop.url,
    async deliver(entry, recipients, signal, report) {
      let done = 0;
      while (done < recipients.length && !signal.aborted) {
        const group = recipients.slice(done, done + MOST_RECIPIENTS);
        done += await deliverGroup({ entry, recipients: group, signal, report });
      }
      return [];
    },
    close: () => pool.close(),
  };
}
