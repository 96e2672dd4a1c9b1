/**
 * A write by a policy, with the variables that follow from it.
 *
 * The parts of the sender follow it at once: a check must never ask about the former domain. What a
 * check said about SPF belongs to the outcome it found; under another one, which a policy wrote, it
 * would contradict the refusal, so it goes.
 *
 * Callers: handler-run. Throws PolicyVariableError for a value that the variable does not take;
 * nothing is written then.
 */
import { checkSender, checkValue } from './check-value.js';
import type { VariableValue } from './ports.js';
import { type Layer, slotOf } from './slots.js';
import type { VariableName } from './table/index.js';

/** The run as a write needs it. */
export interface Written {
  readonly scope: { readonly layer: Layer };
  put(slot: number, value: VariableValue | undefined): void;
}

const SENDER = slotOf('mailFrom');
const LOCAL_PART = slotOf('mailFromLocalPart');
const DOMAIN = slotOf('mailFromDomain');
const SPF_RESULT = slotOf('SPFResult');
const SPF_EXPLANATION = slotOf('SPFExplanation');

export function writeValue(run: Written, name: VariableName, value: unknown): void {
  if (name === 'mailFrom') {
    const { address, local, domain } = checkSender(value);
    run.put(SENDER, address);
    run.put(LOCAL_PART, local);
    run.put(DOMAIN, domain);
    return;
  }
  const slot = slotOf(name);
  const checked = checkValue(name, value);
  const { layer } = run.scope;
  const isOverruled = slot === SPF_RESULT && layer[slot] !== checked;
  if (isOverruled && (layer[SPF_EXPLANATION] ?? '') !== '') run.put(SPF_EXPLANATION, '');
  run.put(slot, checked);
}
