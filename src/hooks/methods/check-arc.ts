/**
 * checkARC: does the chain of those who passed the message on hold.
 *
 * Callers: methods/index. RFC 8617 §5.2.
 */
import { arcResult } from '../../checks/auth-results.js';
import { verified } from './check-dkim.js';
import type { Method } from './method.js';
import type { ArcAnswer } from './signatures.js';
import { told, type TellDeps } from './told-check.js';

export function checkArcMethod(deps: TellDeps): Method {
  return async (call): Promise<ArcAnswer> => {
    const { arc } = await told(deps, 'arc', verified(call), (found) => found.arc);
    call.putFinding('arc', [arcResult(arc, String(call.read('remoteSmtpIp') ?? ''))]);
    return { ARCResult: arc.status, explanation: arc.explanation, sealers: arc.sealers };
  };
}
