/**
 * How the generated pages say where a cell comes from: printed in the original documents, only
 * named there, deduced by us, or deliberately different.
 *
 * The knowledge lives with the conformance test, because the product itself does not need it.
 */
import { ADDED_METHODS } from '../../test/conformance/table/added-methods.js';
import { announced, DEVIATIONS } from '../../test/conformance/table/deviations.js';
import { REFERENCE, type ReferenceCell, type Seen } from '../../test/conformance/table/reference.js';
import { VARIABLE_ALIASES, type EventName } from '../../src/hooks/table/index.js';

const ACCESS = { in: 'IN', out: 'OUT', inout: 'IN/OUT' } as const;

const WORDS: Readonly<Record<Seen, string>> = {
  printed: 'printed',
  partly: 'named, event or access not printed',
  inferred: 'not printed in the original',
};

/** What the marks of the last column mean; goes to the top of a page. */
export const LEGEND = `The last column says how the original documents of this policy surface treat the cell: *printed*
there; *named* there, without its event or its access; or *not printed in the original*, which means that it was
deduced. *Overruled* marks a printed access that contradicts the rest of the documents.`;

export function accessWord(access: keyof typeof ACCESS): string {
  return ACCESS[access];
}

/** The mark of a cell; `variable` may be a key of a filter's slot, as `'filterName'.result`. */
export function cellMark(event: EventName, variable: string): string {
  const cell = documented(event, variable);
  if (cell === undefined) return WORDS.inferred;
  const overruled = announced().find(
    (entry) => entry.at === `${event}.${variable}` && entry.field === 'access',
  );
  if (overruled === undefined || cell.seen === 'inferred') return WORDS[cell.seen];
  return `overruled: printed ${accessWord(cell.access)}`;
}

export function methodMark(event: EventName, method: string): string {
  if (isAddedMethod(method)) return ' (not in the original)';
  return REFERENCE.events[event]?.methods[method] === 'printed' ? '' : ` (event ${WORDS.inferred})`;
}

/** Whether the method is one of ours, which the documents do not have. */
export function isAddedMethod(method: string): boolean {
  return Object.hasOwn(ADDED_METHODS, method);
}

/** Whether a member of a choice is established by the documents. */
export function isEstablished(event: EventName, variable: string, value: string): boolean {
  return documented(event, variable)?.values?.includes(value) ?? false;
}

/** Why the table differs from the documents in this variable; one sentence or two each. */
export function reasons(variable: string): readonly string[] {
  const found = DEVIATIONS.filter((deviation) => deviation.variable === variable);
  return [...new Set(found.map((deviation) => deviation.reason))];
}

function documented(event: EventName, variable: string): ReferenceCell | undefined {
  const cells = REFERENCE.events[event]?.cells ?? {};
  const printed = Object.keys(cells).find((name) => (VARIABLE_ALIASES.get(name) ?? name) === variable);
  return printed === undefined ? undefined : cells[printed];
}
