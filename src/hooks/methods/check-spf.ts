/**
 * checkSPF: may the client send for this sender, or for the name of its EHLO.
 *
 * In onEhlo the EHLO name is checked, from onMailFrom on the sender; a null sender is checked as
 * the EHLO name (RFC 7208 §2.4). A Fail makes MAIL FROM fail by the internal policy unless the
 * policy sets SPFResult to something else.
 *
 * Callers: methods/index.
 */
import { checkSpf, type SpfDeps } from '../../checks/spf.js';
import type { Method } from './method.js';
import type { SpfAnswer } from './signatures.js';

export function checkSpfMethod(deps: SpfDeps & { readonly hostname: string }): Method {
  return async (call): Promise<SpfAnswer> => {
    const mailFrom = call.event === 'onEhlo' ? '' : String(call.read('mailFrom') ?? '');
    const outcome = await checkSpf(deps, {
      ip: String(call.read('remoteSmtpIp') ?? ''),
      helo: String(call.read('ehloHost') ?? ''),
      mailFrom,
      receiver: deps.hostname,
      signal: call.signal,
    });
    call.fill('SPFResult', outcome.status);
    call.fill('SPFExplanation', outcome.explanation);
    return { SPFResult: outcome.status, SPFExplanation: outcome.explanation };
  };
}
