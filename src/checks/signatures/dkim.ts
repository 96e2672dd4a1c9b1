/**
 * What the signatures of a message come to, in our words (RFC 6376 §6.1, RFC 8601 §2.7.1).
 *
 * The library tells more apart by its comments than by its results, so both are looked at: a
 * signature that does not fit the message is `Fail`, a key that is missing or unusable `PermError`,
 * one that came too late `Neutral`. Pure.
 *
 * Callers: message-signatures.ts.
 */
import { printable } from '../outcome.js';
import type { JudgedSignature } from './judgement.js';
import type { DkimOutcome, DkimSignature, DkimStatus } from './verified.js';

/** Comments of the library for keys that cannot serve. */
const KEY_FAULTS: ReadonlySet<string> = new Set([
  'no key',
  'unknown key version',
  'unknown key type',
  'invalid public key',
  'inappropriate hash algorithm',
  'inappropriate key algorithm',
  'key not for email',
]);

const RESULTS: Readonly<Record<string, DkimStatus>> = {
  none: 'None',
  pass: 'Pass',
  fail: 'Fail',
  policy: 'Policy',
  temperror: 'TempError',
  permerror: 'PermError',
  neutral: 'Neutral',
};

/** What the verifier says of the first signature that it does not look at. */
const TOO_MANY = 'too many signatures';
const NOT_ALL = 'only the first ten signatures were looked at';

/** What all of them come to: the best that can be said, trouble before refusal. */
const BEST_FIRST: readonly DkimStatus[] = ['Pass', 'TempError', 'Fail', 'PermError', 'Policy', 'Neutral'];

function statusOf({ result }: JudgedSignature['status'], comment: string): DkimStatus {
  return KEY_FAULTS.has(comment) ? 'PermError' : (RESULTS[result] ?? 'Neutral');
}

function text(value: unknown, longest: number): string {
  return typeof value === 'string' ? printable(value, longest) : '';
}

/** A cut identity would be that of somebody else. */
function whole(value: unknown, longest: number): string {
  return typeof value === 'string' && value.length <= longest ? printable(value, longest) : '';
}

function signatureOf(judged: JudgedSignature): DkimSignature {
  const { signingDomain, selector, algo, status, uncovered, who } = judged;
  const comment = status.comment ?? status.policy?.['dkim-rules'] ?? '';
  return {
    status: statusOf(status, comment),
    domain: text(signingDomain, 255).toLowerCase(),
    selector: text(selector, 255),
    identity: whole(who['i'], 320),
    algorithm: text(algo, 40),
    digest: text(who['b'], 16),
    testing: status.testing === true,
    uncovered,
    explanation: printable(comment),
  };
}

export function dkimOutcome(
  results: readonly JudgedSignature[],
  lookups: { readonly evidence: readonly string[] },
): DkimOutcome {
  // What stands for all signatures beyond the first ten was nobody's.
  const signatures = results.map(signatureOf).filter(({ explanation }) => explanation !== TOO_MANY);
  const status = BEST_FIRST.find((one) => signatures.some((signature) => signature.status === one)) ?? 'None';
  const decisive = signatures.find((signature) => signature.status === status);
  const notes = [decisive?.explanation ?? 'the message is not signed'];
  if (signatures.length < results.length) notes.push(NOT_ALL);
  const explanation = notes.filter((note) => note !== '').join('; ');
  return {
    status,
    explanation,
    signatures,
    // Read by few, so made only for them.
    get evidence() {
      return lookups.evidence;
    },
  };
}

/** Signatures that could not be looked at, for a reason that lies with us. */
export function dkimTrouble(explanation: string): DkimOutcome {
  return { status: 'TempError', explanation: printable(explanation), evidence: [], signatures: [] };
}
