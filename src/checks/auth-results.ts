/**
 * Outcomes of checks as statements of Authentication-Results (RFC 8601 §2.7).
 *
 * Pure. The words are those of the registry, in lower case; values are as the checks have made them
 * printable, and the writer of the field checks them once more.
 *
 * Callers: hooks/methods, checks/authenticate.
 */
import type { ArcOutcome, DkimOutcome, DkimSignature } from './signatures/verified.js';
import type { AuthResult } from '../message/authentication-results.js';
import { isDomain, parseAddressLiteral } from '../smtp/domain.js';
import type { DmarcOutcome } from './dmarc.js';
import type { ReverseDnsOutcome, ReverseDnsStatus } from './reverse-dns.js';

type AuthProperty = AuthResult['properties'][number];

function header(property: string, value: string): readonly AuthProperty[] {
  return value === '' ? [] : [{ ptype: 'header', property, value }];
}

function withReason(explanation: string): { readonly reason?: string } {
  return explanation === '' ? {} : { reason: explanation };
}

/** A name as it is; whatever else stands in its place could be taken for a statement. */
function name(property: string, domain: string): readonly AuthProperty[] {
  const isName = isDomain(domain, true) || parseAddressLiteral(domain) !== undefined;
  return isName ? header(property, domain) : [];
}

/** The domain of an identity: its local part is free text of the signer, and nobody vouches for it. */
function identified(identity: string): readonly AuthProperty[] {
  const at = identity.lastIndexOf('@');
  return at >= 0 && isDomain(identity.slice(at + 1), true) ? header('i', identity.slice(at)) : [];
}

/** RFC 6376 §3.5 `a=`. */
const ALGORITHM = /^[a-z][a-z0-9]*-[a-z][a-z0-9]*$/i;

/** Who signed; a signature that is malformed or was not looked at claims it in vain. */
function signer(signature: DkimSignature): readonly AuthProperty[] {
  const { status, domain, identity, selector, algorithm, explanation } = signature;
  if (status === 'Neutral' && explanation !== 'expired') return [];
  return [
    ...name('d', domain),
    ...identified(identity),
    ...name('s', selector),
    ...(ALGORITHM.test(algorithm) ? header('a', algorithm) : []),
  ];
}

/** RFC 8601 §2.7.1; `header.b` is RFC 6008 §3. */
function ofSignature(signature: DkimSignature): AuthResult {
  const { status, digest, explanation } = signature;
  return {
    method: 'dkim',
    result: status.toLowerCase(),
    ...withReason(explanation),
    properties: [...signer(signature), ...header('b', digest)],
  };
}

/** One statement for each signature; one that says `none` for a message without. */
export function dkimResults({ status, signatures, explanation }: DkimOutcome): readonly AuthResult[] {
  if (signatures.length > 0) return signatures.map(ofSignature);
  const reason = status === 'None' ? {} : withReason(explanation);
  return [{ method: 'dkim', result: status.toLowerCase(), ...reason, properties: [] }];
}

/** RFC 9989 §9.1 for `policy.dmarc`, RFC 8601 §2.7.2 for `header.from`. */
export function dmarcResult({ status, domain, policy, explanation }: DmarcOutcome): AuthResult {
  const asked: readonly AuthProperty[] =
    policy === '' ? [] : [{ ptype: 'policy', property: 'dmarc', value: policy }];
  const reason = status === 'None' ? {} : withReason(explanation);
  const properties = [...asked, ...name('from', domain)];
  return { method: 'dmarc', result: status.toLowerCase(), ...reason, properties };
}

/** RFC 8617 §6. Where the client is not known the statement says nothing of it. */
export function arcResult({ status, explanation }: ArcOutcome, remoteIp: string): AuthResult {
  const reason = status === 'None' ? {} : withReason(explanation);
  const properties: readonly AuthProperty[] =
    remoteIp === '' ? [] : [{ ptype: 'smtp', property: 'remote-ip', value: remoteIp }];
  return { method: 'arc', result: status.toLowerCase(), ...reason, properties };
}

const IPREV: Readonly<Record<ReverseDnsStatus, string>> = {
  pass: 'pass',
  fail: 'fail',
  // RFC 8601 §2.7.3: no name at all will not change by itself.
  neutral: 'permerror',
  error: 'temperror',
};

/** RFC 8601 §2.7.3. */
export function iprevResult({ status, name, explanation }: ReverseDnsOutcome, ip: string): AuthResult {
  const named = status === 'pass' && name !== '' ? `${ip} has the name ${name}` : explanation;
  const properties: readonly AuthProperty[] = [{ ptype: 'policy', property: 'iprev', value: ip }];
  return { method: 'iprev', result: IPREV[status], ...withReason(named), properties };
}
