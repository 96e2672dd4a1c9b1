/**
 * Could an answer to the sender be delivered?
 *
 * `Pass`: the sender's domain has a host for mail with an address, by MX or by its own address.
 * `Fail`: it has none, says that it takes none, or its MX records lead nowhere. `Neutral`: there is
 * nothing to check, as for the null sender or an address literal. `Error`: DNS was in trouble with
 * a question that could have turned the verdict. Only the ten preferred hosts are looked at, and
 * the others only when the first has no address. Always resolves.
 *
 * Callers: hooks/methods, cli. RFC 5321 §5.1, RFC 7505 §4.2.
 */
import { type MailHost, type MailHosts, findMailHosts } from '../dns/mail-hosts.js';
import type { ResolveOptions, Resolver } from '../dns/resolver.js';
import { comparableDomain } from '../smtp/domain.js';
import { notedResolver } from './noted-resolver.js';
import { type CheckOutcome, printable } from './outcome.js';

export type SenderMxStatus = 'Pass' | 'Fail' | 'Neutral' | 'Error';

export interface SenderMxOutcome extends CheckOutcome<SenderMxStatus> {
  /** For `Pass`: the hosts, the preferred one first. */
  readonly hosts: readonly string[];
}

export interface SenderMxArgs {
  /** The domain of the reverse-path, in A-labels or U-labels; empty for the null sender. */
  readonly domain: string;
  readonly signal?: AbortSignal;
}

type Verdict = Omit<SenderMxOutcome, 'evidence'>;

const MOST_HOSTS = 10;

export async function checkSenderMx(
  deps: { readonly resolver: Resolver },
  args: SenderMxArgs,
): Promise<SenderMxOutcome> {
  const domain = comparableDomain(args.domain.trim());
  if (domain === '') return { ...verdict('Neutral', 'the sender is empty'), evidence: [] };
  if (domain.startsWith('[')) {
    return { ...verdict('Neutral', 'the sender names an address instead of a domain'), evidence: [] };
  }
  const options = args.signal ? { signal: args.signal } : {};
  const { resolver, evidence } = notedResolver(deps.resolver);
  const found = await findMailHosts(resolver, domain, options);
  const shown = printable(domain, 255);
  const judged =
    found.status === 'hosts' && !found.implicit
      ? await judgeHosts(shown, found.hosts, (host) => hasAddress(resolver, host, options))
      : judge(shown, found);
  return { ...judged, evidence };
}

/** What is settled without a look at the hosts. */
function judge(domain: string, found: MailHosts): Verdict {
  switch (found.status) {
    case 'hosts':
      return pass(found.hosts);
    case 'nullMx':
      return verdict('Fail', `${domain} takes no mail`);
    case 'unusable':
      return verdict('Fail', `the MX of ${domain} names no host`);
    case 'none':
      return found.nxdomain
        ? verdict('Fail', `${domain} does not exist`)
        : verdict('Fail', `${domain} has neither MX nor address`);
    case 'tempFail':
      return found.trouble === 'badName'
        ? verdict('Fail', `${domain} is no domain name`)
        : verdict('Error', printable(found.detail));
  }
}

type Answer = 'yes' | 'no' | 'unknown';

/** Nearly always the first host has an address; only if not, the others are asked, all at once. */
async function judgeHosts(
  domain: string,
  hosts: readonly MailHost[],
  ask: (host: string) => Promise<Answer>,
): Promise<Verdict> {
  const [first, ...others] = hosts.slice(0, MOST_HOSTS).map(({ host }) => host);
  const answer = first === undefined ? 'no' : await ask(first);
  if (answer === 'yes') return pass(hosts);
  const answers = [answer, ...(await Promise.all(others.map(ask)))];
  if (answers.includes('yes')) return pass(hosts);
  // A host that could not be asked may have been the one.
  return answers.includes('unknown')
    ? verdict('Error', `the hosts for mail of ${domain} could not be asked`)
    : verdict('Fail', `no host for mail of ${domain} has an address`);
}

async function hasAddress(resolver: Resolver, host: string, options: ResolveOptions): Promise<Answer> {
  const v4 = await resolver.resolve(host, 'A', options);
  if (v4.status === 'found') return 'yes';
  if (v4.status === 'none' && v4.nxdomain) return 'no';
  const v6 = await resolver.resolve(host, 'AAAA', options);
  if (v6.status === 'found') return 'yes';
  const isUnknown = [v4, v6].some((one) => one.status === 'tempFail' && one.trouble !== 'badName');
  return isUnknown ? 'unknown' : 'no';
}

function pass(hosts: readonly MailHost[]): Verdict {
  return { status: 'Pass', explanation: '', hosts: hosts.map(({ host }) => host) };
}

function verdict(status: Exclude<SenderMxStatus, 'Pass'>, explanation: string): Verdict {
  return { status, explanation, hosts: [] };
}
