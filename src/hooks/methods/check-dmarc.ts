/**
 * checkDMARC: does the domain of the author stand behind the message.
 *
 * It needs what DKIM and SPF found: the signatures are verified if no policy has asked for them, and
 * SPF is checked for the sender if no policy did in onMailFrom. SPFResult stays what policies made
 * of it, and does not count here: DMARC is about what the domain published.
 *
 * Callers: methods/index. RFC 9989 §5.3.
 */
import { dkimResults, dmarcResult } from '../../checks/auth-results.js';
import { checkDmarc, type DmarcDeps } from '../../checks/dmarc.js';
import type { AuthResult } from '../../message/authentication-results.js';
import { verified } from './check-dkim.js';
import { type FindSpfDeps, findSpf } from './find-spf.js';
import type { Method } from './method.js';
import type { DmarcAnswer } from './signatures.js';
import { itself, told } from './told-check.js';

/** The domain that SPF was checked for, where it came to `result`; empty where it did not. */
function domainOf(spf: AuthResult | undefined, result: 'pass' | 'temperror'): string {
  if (spf?.result !== result) return '';
  const value = spf.properties[0]?.value ?? '';
  return value.slice(value.lastIndexOf('@') + 1);
}

export function checkDmarcMethod(deps: DmarcDeps & FindSpfDeps): Method {
  return async (call): Promise<DmarcAnswer> => {
    const [{ dkim, author }, spf] = await Promise.all([verified(call), findSpf(call, deps)]);
    call.putFinding('dkim', dkimResults(dkim));
    const asking = checkDmarc(deps, {
      author,
      dkim,
      spfDomain: domainOf(spf, 'pass'),
      spfTroubleDomain: domainOf(spf, 'temperror'),
    });
    const outcome = await told(deps, 'dmarc', asking, itself);
    call.putFinding('dmarc', [dmarcResult(outcome)]);
    const { status, policy, domain, policyDomain, explanation, alignedSpf, alignedDkim } = outcome;
    return { DMARCResult: status, policy, domain, policyDomain, alignedSpf, alignedDkim, explanation };
  };
}
