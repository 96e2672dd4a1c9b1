/**
 * What `postern auth` prints: each outcome, what it rests on, and the field for readers.
 *
 * Callers: cli/commands/auth.
 */
import type { Authentication } from '../checks/authenticate.js';
import type { DkimSignature } from '../checks/signatures/verified.js';
import { formatAuthenticationResults } from '../message/authentication-results.js';
import { printable } from './report-error.js';

/** Words after which the command ends with a status of its own. */
const WELL: ReadonlySet<string> = new Set(['Pass', 'None', 'Neutral', 'SoftFail']);

/** Whether a receiver might hold something against the message, or could not make up its mind. */
export function hasFindings({ signatures, spf, dmarc }: Authentication): boolean {
  const { dkim, arc } = signatures;
  return [dkim, arc, dmarc, ...(spf ? [spf] : [])].some(({ status }) => !WELL.has(status));
}

function fieldOf({ results }: Authentication, authservId: string): string {
  return formatAuthenticationResults(authservId, results).toString().trimEnd().replaceAll('\r\n', '\n');
}

export function asJson(found: Authentication, authservId: string): string {
  const { signatures, spf, dmarc } = found;
  const { dkim, arc, author } = signatures;
  const authenticationResults = fieldOf(found, authservId).replaceAll('\n', '');
  return JSON.stringify({ dkim, arc, dmarc, spf: spf ?? null, author, authenticationResults }, null, 2);
}

function headline(name: string, { status, explanation }: { status: string; explanation: string }): string {
  return `${name.padEnd(6)} ${explanation === '' ? status : `${status}: ${explanation}`}`;
}

function askedLines(evidence: readonly string[]): readonly string[] {
  return evidence.map((line) => `  asked    ${line}`);
}

function signatureLine(signature: DkimSignature): string {
  const { status, domain, selector, algorithm, testing, uncovered, explanation } = signature;
  const notes = [
    ...(explanation === '' ? [] : [explanation]),
    ...(testing ? ['the domain only tries DKIM'] : []),
    ...(uncovered > 0 ? [`${uncovered} octets of the body are not covered`] : []),
  ];
  const said = notes.length === 0 ? '' : `: ${notes.join('; ')}`;
  return `  signed   ${domain} with ${selector} (${algorithm}): ${status}${said}`;
}

export function asText(found: Authentication, authservId: string): string {
  const { signatures, spf, dmarc } = found;
  const { dkim, arc } = signatures;
  const sealed = arc.sealers.map((domain) => `  sealed   ${domain}`);
  const unchecked = { status: 'not checked', explanation: 'give --ip, and --from or --helo' };
  const isOpen = !spf && dmarc.status === 'Fail';
  const lines = [
    headline('DKIM', dkim),
    ...dkim.signatures.map(signatureLine),
    // One set of keys serves both; what only the chain asked for stands with the chain.
    ...askedLines(dkim.evidence),
    headline('ARC', arc),
    ...sealed,
    ...askedLines(arc.evidence.filter((line) => !dkim.evidence.includes(line))),
    headline('SPF', spf ?? unchecked),
    ...askedLines(spf?.evidence ?? []),
    headline('DMARC', dmarc),
    ...(isOpen ? ['  note     SPF was not checked and might have stood for the domain'] : []),
    ...askedLines(dmarc.evidence),
    '',
    fieldOf(found, authservId),
  ];
  return printable(lines.join('\n'));
}
