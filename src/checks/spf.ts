/**
 * SPF: may this client send for this domain?
 *
 * The record is read and evaluated by mailauth, in its strict mode; whom to ask about, what to ask
 * and how often is ours, under one deadline. With a sender the MAIL FROM identity is checked,
 * without one the HELO identity. Always resolves; a fault of the library reads as TempError.
 *
 * Deviates: RFC 7208 §5.5 lets a `ptr` term that could not be asked pass as "no match", which can
 * end in a Fail that the next try would not give. A Fail reached over such trouble is TempError
 * here, because no hiccup of DNS may refuse mail for good.
 *
 * Callers: hooks/methods, cli. RFC 7208 §2.6, RFC 7208 §4.
 */
import type { SpfVerdict } from 'mailauth/lib/spf/spf-verify.js';
import type { Clock } from '../core/clock.js';
import { type LateSignal, withLateDeadline } from '../core/deadline.js';
import { messageOf } from '../core/errors.js';
import { lazily } from '../core/lazily.js';
import { formatIpAddress, parseIpAddress } from '../dns/ip-address.js';
import type { Resolver } from '../dns/resolver.js';
import { type CheckOutcome, printable } from './outcome.js';
import { type SpfIdentity, spfIdentity } from './spf-identity.js';
import { type SpfCounts, type SpfLookups, spfLookups } from './spf-lookups.js';

export type SpfStatus = 'None' | 'Neutral' | 'Pass' | 'Fail' | 'SoftFail' | 'TempError' | 'PermError';

export interface SpfOutcome extends CheckOutcome<SpfStatus> {
  readonly identity: 'helo' | 'mailFrom';
  /** The domain of the identity, in A-labels; not always one that can be asked about. */
  readonly domain: string;
  /** What the evaluation took of the limits. */
  readonly lookups: SpfCounts;
}

export interface SpfDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
}

export interface SpfArgs {
  readonly ip: string;
  /** The name given with EHLO or HELO. */
  readonly helo: string;
  /** The reverse-path without angle brackets. Empty or left out: the HELO identity is checked. */
  readonly mailFrom?: string;
  /** The name of this host, for the macro `r`. Default `unknown`, as RFC 7208 §7.3 has it. */
  readonly receiver?: string;
  /** Milliseconds for the whole evaluation. Default 20,000. */
  readonly deadlineMs?: number;
  /** Ends the check early; its signal is read only where DNS has to be waited for. */
  readonly until?: LateSignal;
}

const QUALIFIERS = { '+': 'Pass', '-': 'Fail', '~': 'SoftFail', '?': 'Neutral' } as const;
const ERRORS = { none: 'None', permerror: 'PermError', temperror: 'TempError' } as const;

const DEADLINE_MS = 20_000;
/** Longer than any name SMTP allows. */
const LONGEST_HELO = 512;

/** Loaded at the first check: the library takes a tenth of a second, which start-up need not pay. */
const loadEvaluator = lazily(async () => (await import('mailauth/lib/spf/spf-verify.js')).spfVerify);

export async function checkSpf(deps: SpfDeps, args: SpfArgs): Promise<SpfOutcome> {
  const who = spfIdentity(args.helo, args.mailFrom ?? '');
  const address = parseIpAddress(args.ip);
  if (!address) return unasked(who, 'TempError', `${printable(args.ip, 60)} is no address`);
  if (!who.isAskable) return unasked(who, 'None', `${quoted(who.domain)} is no domain with a record`);
  const ip = formatIpAddress(address);
  const { clock, resolver } = deps;
  const deadline = { clock, ms: args.deadlineMs ?? DEADLINE_MS, until: args.until };
  const timed = await withLateDeadline(deadline, async (late) => {
    const lookups = spfLookups(resolver, late);
    return { lookups, verdict: await evaluate(who, ip, args, lookups) };
  });
  if (timed.status !== 'done') {
    const why = timed.status === 'aborted' ? 'the client has gone' : 'the SPF check took too long';
    return unasked(who, 'TempError', why);
  }
  return judge(who, ip, timed.value.verdict, timed.value.lookups);
}

async function evaluate(
  who: SpfIdentity,
  ip: string,
  args: SpfArgs,
  lookups: SpfLookups,
): Promise<SpfVerdict | false> {
  try {
    const verify = await loadEvaluator();
    return await verify(who.domain, {
      sender: who.sender,
      ip,
      helo: args.helo.slice(0, LONGEST_HELO).replace(/\.$/, ''),
      mta: args.receiver ?? 'unknown',
      strict: true,
      resolver: lookups.ask,
      createSubResolver: lookups.forHosts,
      expResolver: lookups.forExplanation,
    });
  } catch (error) {
    if (isStop(error)) return error.spfResult;
    return { error: 'temperror', text: messageOf(error) };
  }
}

function isStop(error: unknown): error is { readonly spfResult: SpfVerdict } {
  return error instanceof Error && 'spfResult' in error && typeof error.spfResult === 'object';
}

function judge(who: SpfIdentity, ip: string, verdict: SpfVerdict | false, lookups: SpfLookups): SpfOutcome {
  const found = verdict === false ? 'Neutral' : statusOf(verdict);
  const status = found === 'Fail' && lookups.inTrouble() ? 'TempError' : found;
  const theirs = status === 'Fail' && verdict !== false ? verdict.explanation : undefined;
  const detail = verdict === false || found !== status ? undefined : verdict.text;
  return {
    status,
    identity: who.kind,
    domain: oneLine(who.domain),
    explanation: oneLine(theirs ?? ownWords(status, who, ip, detail)),
    lookups: lookups.counts(),
    // Read by few, so made only for them.
    get evidence() {
      return lookups.evidence();
    },
  };
}

function statusOf(verdict: SpfVerdict): SpfStatus {
  if (verdict.qualifier !== undefined) return QUALIFIERS[verdict.qualifier];
  return verdict.error === undefined ? 'Neutral' : ERRORS[verdict.error];
}

function ownWords(status: SpfStatus, who: SpfIdentity, ip: string, detail: string | undefined): string {
  const { sender, domain } = who;
  switch (status) {
    case 'Pass':
      return `domain of ${sender} designates ${ip} as permitted sender`;
    case 'Fail':
      return `domain of ${sender} does not designate ${ip} as permitted sender`;
    case 'SoftFail':
      return `domain of transitioning ${sender} does not designate ${ip} as permitted sender`;
    case 'Neutral':
      return `${ip} is neither permitted nor denied by domain of ${sender}`;
    case 'None':
      return `${domain} does not designate permitted sender hosts`;
    case 'PermError':
      return `the SPF record of ${domain} cannot be used: ${detail ?? 'it is in error'}`;
    case 'TempError':
      return `DNS trouble while the SPF record of ${domain} was evaluated${detail ? `: ${detail}` : ''}`;
  }
}

function unasked(who: SpfIdentity, status: SpfStatus, explanation: string): SpfOutcome {
  const lookups = { terms: 0, empty: 0 };
  return { status, identity: who.kind, domain: oneLine(who.domain), explanation, evidence: [], lookups };
}

function quoted(text: string): string {
  return `"${printable(text, 60)}"`;
}

const PLAIN = /^[ -~]{0,400}$/;

/** As `printable`, but what is one line already stays as its owner wrote it, spaces included. */
function oneLine(text: string): string {
  return PLAIN.test(text) ? text : printable(text);
}
