/**
 * checkARC: does the chain of those who passed the message on hold.
 *
 * Callers: methods/index. RFC 8617 §5.2.
 */
import { arcResult } from '../../checks/auth-results.js';
import { verified } from './check-dkim.js';
import type { Method } from './method.js';
import type { ArcAnswer } from './signatures.js';

export const checkArc: Method = async (call): Promise<ArcAnswer> => {
  const { arc } = await verified(call);
  call.putFinding('arc', [arcResult(arc, String(call.read('remoteSmtpIp') ?? ''))]);
  return { ARCResult: arc.status, explanation: arc.explanation, sealers: arc.sealers };
};
