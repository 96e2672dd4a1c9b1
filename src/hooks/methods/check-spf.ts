/**
 * checkSPF: may the client send for this sender, or for the name of its EHLO.
 *
 * In onEhlo the EHLO name is checked, from onMailFrom on the sender; a null sender is checked as
 * the EHLO name (RFC 7208 §2.4). A Fail makes MAIL FROM fail by the internal policy unless the
 * policy sets SPFResult to something else.
 *
 * Callers: methods/index.
 */
import { spfAuthResult } from '../../checks/spf-auth-result.js';
import { askSpf, type FindSpfDeps } from './find-spf.js';
import type { Method } from './method.js';
import type { SpfAnswer } from './signatures.js';

export function checkSpfMethod(deps: FindSpfDeps): Method {
  return async (call): Promise<SpfAnswer> => {
    const mailFrom = call.event === 'onEhlo' ? '' : String(call.read('mailFrom') ?? '');
    const outcome = await askSpf(call, deps, mailFrom);
    call.putFinding(call.event === 'onEhlo' ? 'spf.helo' : 'spf.mailFrom', [spfAuthResult(outcome)]);
    call.fill('SPFResult', outcome.status);
    call.fill('SPFExplanation', outcome.explanation);
    const { status: SPFResult, explanation: SPFExplanation, identity, domain } = outcome;
    return { SPFResult, SPFExplanation, identity, domain };
  };
}
