/**
 * Compares the event table with the documented facts, both ways, and returns every difference.
 *
 * Callers: the conformance test next to this file.
 */
import {
  cellOf,
  defaultOf,
  EVENT_NAMES,
  EVENTS,
  type EventName,
  FILTER_SLOT,
  METHOD_NAMES,
  METHODS,
  VARIABLE_ALIASES,
  variableOf,
} from '../../../src/hooks/table/index.js';
import type { VariableSpec } from '../../../src/hooks/table/spec.js';
import { ADDED_METHODS } from './added-methods.js';
import { REFERENCE, type ReferenceCell } from './reference.js';

export type Fact = string | number | undefined;

export interface Difference {
  /** `event.variable`, `event` or `method()`. */
  readonly at: string;
  readonly field: string;
  readonly reference: Fact;
  readonly table: Fact;
}

type Facts = Readonly<Record<string, Fact>>;

export function differences(): readonly Difference[] {
  return [
    ...compareFacts('table', { events: list(Object.keys(REFERENCE.events)) }, { events: list(EVENT_NAMES) }),
    ...compareFacts(
      'table',
      { methods: list(Object.keys(REFERENCE.methods).sort()) },
      { methods: list(documentedOf(METHOD_NAMES).sort()) },
    ),
    ...EVENT_NAMES.flatMap(compareEvent),
    ...METHOD_NAMES.flatMap(compareMethod),
  ];
}

function compareEvent(event: EventName): readonly Difference[] {
  const documented = REFERENCE.events[event];
  if (documented === undefined) return [];
  const found = compareFacts(
    event,
    { context: documented.context, methods: list(Object.keys(documented.methods).sort()) },
    { context: EVENTS[event].context, methods: list(documentedOf(EVENTS[event].methods).sort()) },
  );
  const cells = tableCells(event);
  const seen = new Set<string>();
  for (const [printed, cell] of Object.entries(documented.cells)) {
    const name = VARIABLE_ALIASES.get(printed) ?? printed;
    seen.add(name);
    const at = `${event}.${name}`;
    found.push(
      ...compareFacts(at, { name: printed, ...documentedFacts(cell) }, { name, ...cells.get(name) }),
    );
  }
  for (const name of cells.keys()) {
    if (!seen.has(name))
      found.push({ at: `${event}.${name}`, field: 'name', reference: undefined, table: name });
  }
  return found;
}

function compareMethod(method: (typeof METHOD_NAMES)[number]): readonly Difference[] {
  const documented = REFERENCE.methods[method];
  if (documented === undefined) return [];
  const row = METHODS[method];
  const events = EVENT_NAMES.filter((event) => (EVENTS[event].methods as readonly string[]).includes(method));
  return compareFacts(
    `${method}()`,
    {
      events: list(documented.events),
      inputs: list(documented.inputs),
      uses: list(documented.uses),
      fills: list(documented.fills),
    },
    { events: list(events), inputs: list(row.inputs), uses: list(row.uses), fills: list(row.fills) },
  );
}

/** Without those that are ours, and announced as such. */
function documentedOf(methods: readonly string[]): string[] {
  return methods.filter((name) => !Object.hasOwn(ADDED_METHODS, name));
}

function documentedFacts(cell: ReferenceCell): Facts {
  return {
    type: cell.type,
    access: cell.access,
    values: list([...(cell.values ?? []), ...(cell.candidates ?? [])]),
    min: cell.min,
    max: cell.max,
    unit: cell.unit,
    default: cell.default === '*' ? undefined : cell.default,
  };
}

/** The cells of an event, the three of a filter's slot among them. */
function tableCells(event: EventName): Map<string, Facts> {
  const cells = new Map<string, Facts>();
  for (const name of Object.keys(EVENTS[event].vars)) {
    const spec = variableOf(name);
    const access = cellOf(event, name)?.access;
    if (spec !== undefined) cells.set(name, tableFacts(spec, access, defaultOf(event, name)));
  }
  if (EVENTS[event].context === 'SMTPIn') {
    for (const [key, slot] of Object.entries<VariableSpec & { access: string }>(FILTER_SLOT)) {
      cells.set(`'filterName'.${key}`, tableFacts(slot, slot.access, slot.default));
    }
  }
  return cells;
}

function tableFacts(spec: VariableSpec, access: string | undefined, initial: Fact): Facts {
  return {
    type: spec.type,
    access,
    values: list(spec.values ?? []),
    min: spec.min,
    max: spec.max,
    unit: spec.unit,
    default: initial,
  };
}

function compareFacts(at: string, reference: Facts, table: Facts): Difference[] {
  return Object.keys(reference)
    .filter((field) => reference[field] !== table[field])
    .map((field) => ({ at, field, reference: reference[field], table: table[field] }));
}

/** Lists are compared in order; an empty one is no fact. */
function list(words: readonly string[]): Fact {
  return words.length === 0 ? undefined : words.join(' ');
}
