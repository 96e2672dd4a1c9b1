/**
 * `%variable%` in texts that policies and configuration write.
 *
 * One pass, not recursive: a value that itself holds `%name%` (a client may send one) is put in
 * as it is. `%%` is one percent sign; a name that is not known stays as written and is reported,
 * so that a typing error is seen in the log and not silently empty. Secrets never expand.
 *
 * Callers: hooks/session-run (smtpExplanation, smtpGreeting), delivery notices.
 */
import type { VariableValue } from './ports.js';
import { VARIABLE_ALIASES, type VariableName, variableOf } from './table/index.js';

const PLACE = /%(\w{0,64})%/g;

export interface Expanded {
  readonly text: string;
  /** Names between percent signs that are no variable of ours. */
  readonly unknown: readonly string[];
}

/** Fills a text; `read` gives a variable's value now. */
export function expand(text: string, read: (name: VariableName) => VariableValue | undefined): Expanded {
  if (!text.includes('%')) return { text, unknown: [] };
  const unknown: string[] = [];
  const filled = text.replace(PLACE, (whole, written: string) => {
    if (written === '') return '%';
    const name = VARIABLE_ALIASES.get(written) ?? written;
    const spec = variableOf(name);
    if (spec === undefined || spec.secret) {
      unknown.push(written);
      return whole;
    }
    return String(read(name as VariableName) ?? '');
  });
  return { text: filled, unknown };
}
