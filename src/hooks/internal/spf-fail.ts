/**
 * The internal policy for SPF: a sender that SPF calls Fail is refused.
 *
 * It is a policy like any other, runs last, and appears in traces under its own name, so that no
 * refusal is hidden in the engine. A policy pardons by setting SPFResult to something else. MAIL
 * is judged by what is known then; later events only by what was set in them.
 *
 * Callers: app passes it to the loader.
 */
import { definePolicy } from '../define-policy.js';
import type { Context, Policy } from '../types.js';
import { whenWritten } from './when-written.js';

type Judged = 'onMailFrom' | 'onRcptTo' | 'onHeadersReceived' | 'onBodyChunk' | 'onDataReceived';

function refuseFail(ctx: Pick<Context<'onMailFrom'>, 'SPFResult' | 'SPFExplanation'> & Verdict): void {
  if (ctx.SPFResult !== 'Fail') return;
  ctx.smtpAction = 'reject';
  const reason = ctx.SPFExplanation === '' ? '' : ': %SPFExplanation%';
  ctx.smtpExplanation = `550 5.7.23 SPF validation failed${reason}`;
}

type Verdict = Pick<Context<Judged>, 'smtpAction' | 'smtpExplanation'>;

const ifSet = whenWritten(['SPFResult'], refuseFail);

export const spfFail: Policy = definePolicy({
  name: 'internal:spf-fail',
  order: 'post',
  onMailFrom: refuseFail,
  onRcptTo: ifSet,
  onHeadersReceived: ifSet,
  onBodyChunk: ifSet,
  onDataReceived: ifSet,
});
