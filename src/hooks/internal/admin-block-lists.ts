/**
 * The DNS block lists of the administrator: is this client on one of them.
 *
 * All zones are asked at once and the first listing in their order decides. It is asked when the
 * first recipient is named, and what came of it holds for the session. A list that does not answer,
 * or answers what is no listing, refuses nobody; that it did not is a fact, each time. One that has
 * the client refuses it, also where its text does not come or other lists do not answer in time.
 *
 * Callers: internal/admin. Never rejects.
 */
import { checkDnsbls, type DnsblOutcome } from '../../checks/dnsbl.js';
import type { Clock } from '../../core/clock.js';
import type { FactBus } from '../../core/facts.js';
import type { Resolver } from '../../dns/resolver.js';
import type { HandlerRun } from '../handler-run.js';
import type { SessionInfo } from '../ports.js';

export interface BlockListDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly facts: FactBus;
  /** Milliseconds that a handler has. */
  readonly handlerMs: number;
}

export interface BlockLists {
  /** The refusal of the client behind the run: its text without codes; undefined when no list has it. */
  refusalOf(run: HandlerRun, ip: string): Promise<string | undefined>;
}

/** Of a handler's time: the lists must have had theirs before, or what they said would count for nothing. */
const SHARE_OF_HANDLER = 0.75;

/** What the client reads. Foreign text has been made printable; a percent sign in it names no variable. */
function textOf(ip: string, { zone, codes, explanation }: DnsblOutcome): string {
  const reason = explanation === '' ? '' : `: ${explanation}`;
  return `${ip} is listed in ${zone} (${codes.join(', ')})${reason}`.replaceAll('%', '%%');
}

function tellTrouble(facts: FactBus, session: string, outcomes: readonly DnsblOutcome[]): void {
  for (const { status, zone, explanation } of outcomes) {
    if (status !== 'listError' && status !== 'tempError') continue;
    facts.publish('blocklist.failed', { session, zone, status, reason: explanation });
  }
}

/** Block lists of one version of the settings. */
export function createBlockLists(zones: readonly string[], deps: BlockListDeps): BlockLists {
  const { facts } = deps;
  const withinMs = deps.handlerMs * SHARE_OF_HANDLER;
  // Sessions are forgotten here when nobody else knows them any more.
  const answers = new WeakMap<SessionInfo, { readonly refusal: string | undefined }>();
  return {
    async refusalOf(run, ip) {
      const { session } = run.states;
      const known = answers.get(session);
      if (known) return known.refusal;
      const asked = checkDnsbls(deps, { ip, zones, withinMs, until: run });
      const outcomes = await run.asking('realtime_sbl_blacklists', [ip, zones], asked);
      const listing = outcomes.find(({ status }) => status === 'listed');
      // Nothing is known where the asking was broken off; a listing is known all the same.
      const hasTrouble = outcomes.some(({ status }) => status === 'tempError');
      if (!listing && hasTrouble && run.signal.aborted) return undefined;
      tellTrouble(facts, session.id, outcomes);
      const refusal = listing && textOf(ip, listing);
      answers.set(session, { refusal });
      return refusal;
    },
  };
}
