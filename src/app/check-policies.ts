/**
 * `postern check`: do the policies load, and does each of them ever run.
 *
 * Loads the files as a start would, which runs their top level and makes a message state of each.
 * Types are the author's editor's and `tsc`'s to check.
 *
 * Callers: cli/commands/check.
 */
import { isEngineError, messageOf } from '../core/errors.js';
import { loadPolicies } from '../hooks/load.js';
import type { LoadedPolicy } from '../hooks/loaded-policy.js';
import type { CheckStep, Finding } from './check-step.js';
import { BUILT_IN, loadOptionsOf } from './live-policies.js';

function neverRuns(policy: LoadedPolicy): Finding {
  return {
    severity: 'warning',
    message: `${policy.file}: policy "${policy.name}" listens to no event`,
    hint: 'Add a handler such as onMailFrom, or remove the policy.',
  };
}

function doesNotLoad(error: unknown): Finding {
  const hint = isEngineError(error)
    ? error.hint
    : 'Mend the file; Postern does not start without its policies.';
  return { severity: 'error', message: messageOf(error), hint };
}

export const policiesStep: CheckStep = {
  name: 'policies',
  async run(config) {
    try {
      const { policies } = await loadPolicies(loadOptionsOf(config));
      const idle = policies.filter(({ events, file }) => events.length === 0 && file !== BUILT_IN);
      return idle.map(neverRuns);
    } catch (error) {
      return [doesNotLoad(error)];
    }
  },
};
