/**
 * checkDKIM: do the signatures of the message fit it.
 *
 * The body was hashed while it arrived, so that the answer waits for the keys alone. One good
 * signature makes it `Pass`, whatever the others come to; whose it is stands in `signatures`.
 *
 * Callers: methods/index. RFC 6376 §6.
 */
import type { DkimSignature, Verified } from '../../checks/signatures/verified.js';
import { dkimResults } from '../../checks/auth-results.js';
import { type Method, type MethodCall, misuse } from './method.js';
import type { DkimAnswer, DkimSignatureAnswer } from './signatures.js';
import { told, type TellDeps } from './told-check.js';

/** What the signatures of the message under way come to. */
export async function verified(call: MethodCall): Promise<Verified> {
  if (!call.message) throw misuse(call, 'there is no message yet');
  return await call.message.verify();
}

function shown(signature: DkimSignature): DkimSignatureAnswer {
  const { status, domain, selector, identity, algorithm, testing, uncovered, explanation } = signature;
  return { status, domain, selector, identity, algorithm, testing, uncovered, explanation };
}

export function checkDkimMethod(deps: TellDeps): Method {
  return async (call): Promise<DkimAnswer> => {
    const { dkim } = await told(deps, 'dkim', verified(call), (found) => found.dkim);
    call.putFinding('dkim', dkimResults(dkim));
    return { DKIMResult: dkim.status, explanation: dkim.explanation, signatures: dkim.signatures.map(shown) };
  };
}
