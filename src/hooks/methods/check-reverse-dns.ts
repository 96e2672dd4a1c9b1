/**
 * checkReverseDNS: has the client's address a name that leads back to it.
 *
 * Callers: methods/index.
 */
import { iprevResult } from '../../checks/auth-results.js';
import { checkReverseDns } from '../../checks/reverse-dns.js';
import type { Resolver } from '../../dns/resolver.js';
import type { Method } from './method.js';
import type { ReverseDnsAnswer } from './signatures.js';
import { itself, told, type TellDeps } from './told-check.js';

export function checkReverseDnsMethod(deps: TellDeps & { readonly resolver: Resolver }): Method {
  return async (call): Promise<ReverseDnsAnswer> => {
    const ip = String(call.read('remoteSmtpIp') ?? '');
    const asking = checkReverseDns(deps, { ip, signal: call.signal });
    const outcome = await told(deps, 'reverse-dns', asking, itself);
    const { status, name } = outcome;
    call.putFinding('iprev', [iprevResult(outcome, ip)]);
    call.fill('ReverseDNSResult', status);
    return { ReverseDNSResult: status, name };
  };
}
