/**
 * Reply codes that a policy put in front of smtpExplanation: as the trace shows them, and the
 * warning where they do not fit what the policy decided.
 *
 * Callers: session-run.ts.
 */
import type { Logger } from '../core/log.js';
import type { OwnCodes } from '../smtp/own-codes.js';
import type { SmtpAction } from './ports.js';
import type { EventName } from './table/index.js';

/** The codes as they stood, each with a space behind it; empty without any. */
export function codesText({ code, enhanced }: OwnCodes): string {
  return (code === undefined ? '' : `${code} `) + (enhanced === '' ? '' : `${enhanced} `);
}

export interface Decided {
  readonly action: SmtpAction;
  readonly decidedBy: string;
}

/** Codes that say something else than the action are not used; that must not stay a secret. */
export function reportCodes(
  log: Logger,
  { code, enhanced }: OwnCodes,
  { action, decidedBy }: Decided,
  event: EventName,
): void {
  const kind = action === 'reject' ? '5' : action === 'tmpreject' ? '4' : '';
  if (kind === '' || (code === undefined && enhanced === '')) return;
  const fits = [code === undefined ? kind : String(code), enhanced || kind].every((one) =>
    one.startsWith(kind),
  );
  if (fits) return;
  log.warn('the codes of smtpExplanation do not fit smtpAction; the built-in ones are used', {
    policy: decidedBy,
    event,
    action,
    code: code ?? '',
    enhanced,
  });
}
