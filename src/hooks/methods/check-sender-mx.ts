/**
 * checkSenderMX: could an answer to this sender be delivered.
 *
 * Callers: methods/index. RFC 5321 §5.1, RFC 7505.
 */
import { checkSenderMx } from '../../checks/sender-mx.js';
import type { Resolver } from '../../dns/resolver.js';
import type { Method } from './method.js';
import type { SenderMxAnswer } from './signatures.js';
import { itself, told, type TellDeps } from './told-check.js';

export function checkSenderMxMethod(deps: TellDeps & { readonly resolver: Resolver }): Method {
  return async (call): Promise<SenderMxAnswer> => {
    const domain = String(call.read('mailFromDomain') ?? '');
    const asking = checkSenderMx(deps, { domain, signal: call.signal });
    const { status, explanation } = await told(deps, 'sender-mx', asking, itself);
    call.fill('SenderMXCheckResult', status);
    return { SenderMXCheckResult: status, explanation };
  };
}
