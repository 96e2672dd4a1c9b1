/**
 * DMARC: does the domain of the author stand behind the message?
 *
 * The evaluation is mailauth's, in its strict mode (RFC 9989: tree walk instead of a list of public
 * suffixes), without the walk where it cannot matter; the questions go through our Resolver. `Fail`
 * together with the domain's policy says what its owner asks for; what becomes of the message is the
 * policy author's decision. `PermError` means that there is no single author domain to ask. Always
 * resolves.
 *
 * Callers: hooks/methods, checks/authenticate. RFC 9989 §4.10, RFC 9989 §5.3, RFC 8601 §2.7.2.
 */
import type { DmarcAnswer, DmarcEvaluation, DmarcRequest } from 'mailauth/lib/dmarc/index.js';
import type { Clock } from '../core/clock.js';
import { type LateSignal, withLateDeadline } from '../core/deadline.js';
import { messageOf } from '../core/errors.js';
import { lazily } from '../core/lazily.js';
import type { Resolver } from '../dns/resolver.js';
import { answerOfOwnRecord } from './dmarc-own-record.js';
import { type Lookups, mailauthLookups } from './mailauth-lookups.js';
import { type CheckOutcome, printable } from './outcome.js';
import type { Author } from './signatures/author.js';
import type { DkimOutcome } from './signatures/verified.js';

export type DmarcStatus = 'None' | 'Pass' | 'Fail' | 'TempError' | 'PermError';

export interface DmarcOutcome extends CheckOutcome<DmarcStatus> {
  /** Domain of the author; empty when there is none, or more than one. */
  readonly domain: string;
  /** Where the policy was found; empty without one. */
  readonly policyDomain: string;
  /** What the domain asks for when the message fails; empty without a policy. */
  readonly policy: '' | 'none' | 'quarantine' | 'reject';
  /**
   * Domains that passed and belong to the author, the author's own first; empty where none did, or
   * where the other one decided and only zones above the author's could tell.
   */
  readonly alignedSpf: string;
  readonly alignedDkim: string;
}

export interface DmarcDeps {
  readonly resolver: Resolver;
  readonly clock: Clock;
}

export interface DmarcArgs {
  readonly author: Author;
  /** The domain that SPF passed: of the sender, or the EHLO name for the null sender; empty when it did not pass. */
  readonly spfDomain: string;
  /** The domain for which SPF came to no result for now; empty when it did. */
  readonly spfTroubleDomain: string;
  readonly dkim: DkimOutcome;
  /** Milliseconds for the whole evaluation. Default 8,000. */
  readonly deadlineMs?: number;
}

const loadDmarc = lazily(() => import('mailauth/lib/dmarc/index.js'));

/** After the 20 seconds of SPF and those of the keys, which run at once, a handler still has its time. */
const DEADLINE_MS = 8_000;
/** Characters of an address whose domain can be one; the library's time grows with the square. */
const LONGEST_ADDRESS = 600;

const WORDS: Readonly<Record<string, DmarcStatus>> = {
  none: 'None',
  pass: 'Pass',
  fail: 'Fail',
  temperror: 'TempError',
  permerror: 'PermError',
};

const POLICIES = ['none', 'quarantine', 'reject'] as const;

const EMPTY = { domain: '', policyDomain: '', policy: '', alignedSpf: '', alignedDkim: '' } as const;

type Standing = Pick<DmarcRequest, 'spfDomains' | 'dkimDomains'>;

export async function checkDmarc(deps: DmarcDeps, args: DmarcArgs): Promise<DmarcOutcome> {
  const { author, dkim } = args;
  // The header was not read at all, so nobody can say that it has no author.
  if (author.fields === 0 && dkim.status === 'TempError') return trouble(dkim.explanation);
  if (author.fault !== undefined) return authorless(author.fault);
  const deadline = { clock: deps.clock, ms: args.deadlineMs ?? DEADLINE_MS };
  try {
    const timed = await withLateDeadline(deadline, (late) => evaluate(deps, args, late));
    return timed.status === 'done' ? timed.value : trouble('the DMARC check took too long');
  } catch (error) {
    return trouble(messageOf(error));
  }
}

function trouble(explanation: string): DmarcOutcome {
  return { status: 'TempError', explanation: printable(explanation), evidence: [], ...EMPTY };
}

function authorless(explanation: string): DmarcOutcome {
  return { status: 'PermError', explanation: printable(explanation), evidence: [], ...EMPTY };
}

async function evaluate({ resolver }: DmarcDeps, args: DmarcArgs, late: LateSignal): Promise<DmarcOutcome> {
  const lookups = mailauthLookups(resolver, late);
  const resolve = askingOnce(lookups.resolve);
  const ask = async (standing: Standing): Promise<DmarcEvaluation> => {
    const request: DmarcRequest = {
      // One that cannot be an address counts all the same: it stands there as one without a domain.
      headerFrom: args.author.addresses.map((one) => (one.length > LONGEST_ADDRESS ? '@' : one)),
      fromFields: args.author.fields,
      ...standing,
      resolver: resolve,
      strict: true,
    };
    const response = await answerOfOwnRecord(request);
    if (response) return { response };
    const { evaluateDmarc } = await loadDmarc();
    return await evaluateDmarc(request);
  };
  const { response, reason } = await ask(standingFor(args, 'Pass'));
  if (response === false) return authorless(reason ?? 'no author domain');
  const judged = judge(response);
  const isInDoubt = judged.status === 'Fail' && (await mightPass(args, ask));
  return {
    ...judged,
    ...(isInDoubt && { status: 'TempError', explanation: 'SPF or DKIM came to no result for now' }),
    // Read by few, so made only for them.
    get evidence() {
      return lookups.evidence;
    },
  };
}

/** What is asked again in one evaluation has its first answer, trouble included. */
function askingOnce(resolve: Lookups['resolve']): DmarcRequest['resolver'] {
  // Mostly one question; a list of a few dozen at worst.
  const asked: {
    readonly name: string;
    readonly type: string;
    readonly answer: ReturnType<typeof resolve>;
  }[] = [];
  return (name, type) => {
    const known = asked.find((one) => one.name === name && one.type === type);
    if (known) return known.answer;
    const answer = resolve(name, type);
    asked.push({ name, type, answer });
    return answer;
  };
}

/** Who passed, or who might have if DNS had answered. */
function standingFor(
  { spfDomain, spfTroubleDomain, dkim }: DmarcArgs,
  wanted: 'Pass' | 'TempError',
): Standing {
  const domain = wanted === 'Pass' ? spfDomain : spfTroubleDomain;
  const signatures = dkim.signatures.filter(({ status }) => status === wanted);
  return {
    spfDomains: domain === '' ? [] : [{ domain }],
    dkimDomains: signatures.map((one) => ({ domain: one.domain, underSized: one.uncovered })),
  };
}

/**
 * Whether a check in trouble could have turned a Fail into a Pass: then it is not held against the
 * message. A name server of somebody else that does not answer changes nothing, or every forger
 * would have one.
 */
async function mightPass(
  args: DmarcArgs,
  ask: (standing: Standing) => Promise<DmarcEvaluation>,
): Promise<boolean> {
  const { dkim } = args;
  if (dkim.status === 'TempError' && dkim.signatures.length === 0) return true;
  const doubtful = standingFor(args, 'TempError');
  if (doubtful.spfDomains.length + doubtful.dkimDomains.length === 0) return false;
  const { response } = await ask(doubtful);
  return response !== false && response.status.result !== 'fail';
}

function judge(response: DmarcAnswer): Omit<DmarcOutcome, 'evidence'> {
  const { status, policyDomain, policy, domain, alignment } = response;
  const word = WORDS[status.result] ?? 'TempError';
  return {
    status: word,
    explanation: reasonOf(word, response),
    domain: domainText(status.header?.from ?? domain),
    policyDomain: domainText(policyDomain),
    policy: POLICIES.find((known) => known === policy) ?? '',
    alignedSpf: domainText(alignment?.spf.result),
    alignedDkim: domainText(alignment?.dkim.result),
  };
}

function domainText(domain: string | undefined): string {
  return domain === undefined ? '' : printable(domain, 255);
}

function reasonOf(status: DmarcStatus, { policyDomain, policy, domain, error }: DmarcAnswer): string {
  switch (status) {
    case 'Pass':
      return '';
    case 'None':
      return `${printable(domain, 255)} publishes no DMARC policy`;
    case 'Fail':
      return `neither SPF nor DKIM passed for ${printable(policyDomain ?? domain, 255)} (p=${policy ?? 'none'})`;
    default:
      return printable(error ?? 'DNS trouble');
  }
}
