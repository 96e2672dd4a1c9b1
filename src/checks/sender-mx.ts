/**
 * Could an answer to the sender be delivered?
 *
 * `Pass`: the sender's domain has a host for mail, by MX or by its own address. `Fail`: it has
 * none, says that it takes none, or names no usable host. `Neutral`: there is nothing to check,
 * as for the null sender or an address literal. `Error`: DNS was in trouble, which says nothing
 * about the domain. Always resolves.
 *
 * Callers: hooks/methods. RFC 5321 §5.1, RFC 7505 §4.2.
 */
import { type MailHosts, findMailHosts } from '../dns/mail-hosts.js';
import type { Resolver } from '../dns/resolver.js';
import { type CheckOutcome, printable } from './outcome.js';

export type SenderMxStatus = 'Pass' | 'Fail' | 'Neutral' | 'Error';

export interface SenderMxOutcome extends CheckOutcome<SenderMxStatus> {
  /** For `Pass`: the hosts, the preferred one first. */
  readonly hosts: readonly string[];
}

export interface SenderMxArgs {
  /** The domain of the reverse-path, in A-labels; empty for the null sender. */
  readonly domain: string;
  readonly signal?: AbortSignal;
}

export async function checkSenderMx(
  deps: { readonly resolver: Resolver },
  args: SenderMxArgs,
): Promise<SenderMxOutcome> {
  const domain = args.domain.trim();
  if (domain === '') return outcome('Neutral', 'the sender is empty');
  if (domain.startsWith('[')) return outcome('Neutral', 'the sender names an address instead of a domain');
  const found = await findMailHosts(deps.resolver, domain, args.signal ? { signal: args.signal } : {});
  return judge(printable(domain, 255), found);
}

function judge(domain: string, found: MailHosts): SenderMxOutcome {
  switch (found.status) {
    case 'hosts': {
      const hosts = found.hosts.map(({ host }) => host);
      const kind = found.implicit ? 'A/AAAA' : 'MX';
      return { status: 'Pass', explanation: '', evidence: [`${kind} ${domain}: ${hosts.join(' ')}`], hosts };
    }
    case 'nullMx':
      return outcome('Fail', `${domain} takes no mail`, [`MX ${domain}: null MX`]);
    case 'unusable':
      return outcome('Fail', `the MX of ${domain} names no host`, [`MX ${domain}: no usable host`]);
    case 'none': {
      const text = found.nxdomain ? `${domain} does not exist` : `${domain} has neither MX nor address`;
      return outcome('Fail', text, [`MX ${domain}: ${found.nxdomain ? 'no such name' : 'none'}`]);
    }
    case 'tempFail':
      if (found.trouble === 'badName') return outcome('Fail', `${domain} is no domain name`);
      return outcome('Error', printable(found.detail), [`MX ${domain}: ${found.trouble}`]);
  }
}

function outcome(
  status: SenderMxStatus,
  explanation: string,
  evidence: readonly string[] = [],
): SenderMxOutcome {
  return { status, explanation, evidence, hosts: [] };
}
