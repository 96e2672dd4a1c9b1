/**
 * The internal policy: what Postern itself refuses when no policy has decided.
 *
 * It is a policy like any other, runs last, and appears in traces under its own name, so that no
 * refusal is hidden in the engine. Relay control, sizes, sequence and syntax are not here: they
 * hold whatever a policy says.
 *
 * Callers: app passes INTERNAL_POLICIES to the loader.
 */
import { definePolicy } from '../define-policy.js';
import type { Policy } from '../types.js';

/** A sender that SPF calls Fail is refused, unless a policy has set SPFResult to something else. */
export const spfFail: Policy = definePolicy({
  name: 'internal:spf-fail',
  onMailFrom: {
    order: 'post',
    handler(ctx) {
      if (ctx.SPFResult !== 'Fail') return;
      ctx.smtpAction = 'reject';
      const reason = ctx.SPFExplanation === '' ? '' : ': %SPFExplanation%';
      ctx.smtpExplanation = `550 5.7.23 SPF validation failed${reason}`;
    },
  },
});
