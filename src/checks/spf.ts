/**
 * SPF: may this client send for this domain?
 *
 * The evaluation is mailauth's, in its strict mode; the questions go through our Resolver, under
 * one deadline. With a sender the MAIL FROM identity is checked, without one the HELO identity.
 * Always resolves; a fault of the library itself reads as TempError.
 *
 * Deviates: RFC 7208 §5.5 lets a `ptr` term that could not be asked pass as "no match", which can
 * end in a Fail that the next try would not give. A Fail reached over such trouble is TempError
 * here, because no hiccup of DNS may refuse mail for good.
 *
 * Callers: hooks/methods. RFC 7208 §2.6, RFC 7208 §4.6.4.
 */
import type { SpfAnswer, SpfRequest } from 'mailauth/lib/spf/index.js';
import type { Clock } from '../core/clock.js';
import { withDeadline } from '../core/deadline.js';
import { messageOf } from '../core/errors.js';
import { formatIpAddress, parseIpAddress } from '../dns/ip-address.js';
import type { Resolver } from '../dns/resolver.js';
import { type CheckOutcome, printable } from './outcome.js';
import { type SpfLookups, spfLookups } from './spf-resolver.js';

export type SpfStatus = 'None' | 'Neutral' | 'Pass' | 'Fail' | 'SoftFail' | 'TempError' | 'PermError';

export interface SpfOutcome extends CheckOutcome<SpfStatus> {
  readonly identity: 'helo' | 'mailFrom';
  /** The domain whose record was asked; empty when there was none to ask. */
  readonly domain: string;
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
  readonly signal?: AbortSignal;
}

const WORDS: Readonly<Record<string, SpfStatus>> = {
  none: 'None',
  neutral: 'Neutral',
  pass: 'Pass',
  fail: 'Fail',
  softfail: 'SoftFail',
  temperror: 'TempError',
  permerror: 'PermError',
};

const DEADLINE_MS = 20_000;
/** Longer than any address or name that SMTP allows; what is longer names no domain. */
const LONGEST_INPUT = 512;

type Spf = (request: SpfRequest) => Promise<SpfAnswer>;
let loaded: Promise<Spf> | undefined;

/** Loaded at the first check: the library takes a tenth of a second, which start-up need not pay. */
async function loadSpf(): Promise<Spf> {
  loaded ??= import('mailauth/lib/spf/index.js').then((module) => module.spf);
  return await loaded;
}

export async function checkSpf(deps: SpfDeps, args: SpfArgs): Promise<SpfOutcome> {
  const { helo, mailFrom = '', receiver = 'unknown' } = args;
  const identity = mailFrom === '' ? 'helo' : 'mailFrom';
  const address = parseIpAddress(args.ip);
  if (!address) return outcome('TempError', identity, `${printable(args.ip, 60)} is no address`);
  if (helo.length > LONGEST_INPUT || mailFrom.length > LONGEST_INPUT) {
    return outcome('None', identity, 'the identity is too long to name a domain');
  }
  const { clock, resolver } = deps;
  const deadline = { clock, ms: args.deadlineMs ?? DEADLINE_MS, signal: args.signal };
  try {
    const timed = await withDeadline(deadline, async (signal) => {
      const lookups = spfLookups(resolver, signal);
      const spf = await loadSpf();
      const answer = await spf({
        ip: formatIpAddress(address),
        helo,
        sender: mailFrom,
        mta: receiver,
        resolver: lookups.resolve,
        strict: true,
      });
      return { answer, lookups };
    });
    if (timed.status !== 'done') {
      const why = timed.status === 'aborted' ? 'the client has gone' : 'the SPF check took too long';
      return outcome('TempError', identity, why);
    }
    return judge(timed.value.answer, timed.value.lookups, { identity, family: address.family, receiver });
  } catch (error) {
    return outcome('TempError', identity, printable(messageOf(error)));
  }
}

function judge(
  answer: SpfAnswer,
  lookups: SpfLookups,
  about: { readonly identity: SpfOutcome['identity']; readonly family: 4 | 6; readonly receiver: string },
): SpfOutcome {
  const { identity, family } = about;
  const { evidence } = lookups;
  const domain = printable(answer.domain, 255);
  const word = WORDS[answer.status.result] ?? 'TempError';
  const doubtful = lookups.troubled.has('PTR') || lookups.troubled.has(family === 4 ? 'A' : 'AAAA');
  if (word === 'Fail' && doubtful) {
    const explanation = `DNS trouble while the SPF record of ${domain} was evaluated`;
    return { status: 'TempError', identity, domain, explanation, evidence };
  }
  // The library begins its own texts with our name and a colon, as a header field would want it.
  const comment = (answer.status.comment ?? '').replace(`${about.receiver}: `, '');
  const explanation = printable(answer.explanation ?? comment);
  return { status: word, identity, domain, explanation, evidence };
}

function outcome(status: SpfStatus, identity: SpfOutcome['identity'], explanation: string): SpfOutcome {
  return { status, identity, domain: '', explanation, evidence: [] };
}
