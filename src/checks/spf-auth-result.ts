/**
 * An SPF outcome as a statement of `Authentication-Results`.
 *
 * The value is the domain that was checked. The local part stays out: the result rarely rests on
 * it, and the field travels further than the envelope did. An outcome about no domain at all, a
 * client without a name for instance, is a statement without properties.
 *
 * Callers: hooks/methods, checks/authenticate. RFC 8601 §2.7.2.
 */
import type { AuthResult } from '../message/authentication-results.js';
import type { SpfOutcome, SpfStatus } from './spf.js';

const WORDS: Readonly<Record<SpfStatus, string>> = {
  None: 'none',
  Neutral: 'neutral',
  Pass: 'pass',
  Fail: 'fail',
  SoftFail: 'softfail',
  TempError: 'temperror',
  PermError: 'permerror',
};

export type SpfFinding = Pick<SpfOutcome, 'status' | 'identity' | 'domain'>;

export function spfAuthResult({ status, identity, domain }: SpfFinding): AuthResult {
  const property = identity === 'helo' ? 'helo' : 'mailfrom';
  const properties = domain === '' ? [] : ([{ ptype: 'smtp', property, value: domain }] as const);
  return { method: 'spf', result: WORDS[status], properties };
}
