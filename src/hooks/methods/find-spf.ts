/**
 * The SPF result of the message's sender, found once for all that need it.
 *
 * Callers: check-spf, check-dmarc.
 */
import { checkSpf, type SpfDeps, type SpfOutcome } from '../../checks/spf.js';
import { spfAuthResult } from '../../checks/spf-auth-result.js';
import type { AuthResult } from '../../message/authentication-results.js';
import type { MethodCall } from './method.js';
import { itself, told, type TellDeps } from './told-check.js';

export interface FindSpfDeps extends SpfDeps, TellDeps {
  /** Name of this host, as macros of a record may ask for it. */
  readonly hostname: string;
}

/** Asks DNS about the sender, or about the EHLO name where `mailFrom` is empty. */
export async function askSpf(call: MethodCall, deps: FindSpfDeps, mailFrom: string): Promise<SpfOutcome> {
  const asking = checkSpf(deps, {
    ip: String(call.read('remoteSmtpIp') ?? ''),
    helo: String(call.read('ehloHost') ?? ''),
    mailFrom,
    receiver: deps.hostname,
    until: call,
  });
  return await told(deps, 'spf', asking, itself);
}

/** What was found for the sender of this message; asks where nobody has. */
export async function findSpf(call: MethodCall, deps: FindSpfDeps): Promise<AuthResult | undefined> {
  const [known] = call.found('spf.mailFrom');
  if (known) return known;
  // The client has to be good for the sender it gave, not for one that a policy wrote.
  const sender = call.message?.sender ?? String(call.read('mailFrom') ?? '');
  const found = spfAuthResult(await askSpf(call, deps, sender));
  call.putFinding('spf.mailFrom', [found]);
  return found;
}
