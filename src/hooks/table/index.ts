/**
 * The event table as one thing: the joined rows, the names as types, and the questions asked of it.
 *
 * The compiler has checked every cell against the variables and methods. Names given here may come
 * from plain JavaScript, so an unknown one is an answer (`undefined`), never an error.
 *
 * Callers: types, context, runner and loader of the policy runtime; the page generators. Look-ups
 * take the documented spelling; VARIABLE_ALIASES and METHOD_ALIASES lead there.
 */
import { EVENTS } from './events.js';
import { type MethodName, METHODS } from './methods.js';
import type { Access, Cell, CellSpec, EventSpec, VariableSpec } from './spec.js';
import { type VariableName, VARIABLES } from './variables.js';

export { suggestion as suggest } from '../../core/suggest.js';
export { EVENTS } from './events.js';
export { METHOD_ARGUMENTS, METHODS, type MethodName } from './methods.js';
export { FILTER_SLOT, VARIABLES, type VariableName } from './variables.js';

export type EventName = keyof typeof EVENTS;

export const EVENT_NAMES: readonly EventName[] = Object.keys(EVENTS) as EventName[];
export const VARIABLE_NAMES: readonly VariableName[] = Object.keys(VARIABLES) as VariableName[];
export const METHOD_NAMES: readonly MethodName[] = Object.keys(METHODS) as MethodName[];

/** Accepted other spelling to documented spelling. */
export const VARIABLE_ALIASES: ReadonlyMap<string, VariableName> = aliasesOf(VARIABLES);
export const METHOD_ALIASES: ReadonlyMap<string, MethodName> = aliasesOf(METHODS);

const SPECS: ReadonlyMap<string, VariableSpec> = new Map<string, VariableSpec>(Object.entries(VARIABLES));
const CELLS: ReadonlyMap<string, ReadonlyMap<string, CellSpec>> = normalised(EVENTS);

/** The row of a variable, or undefined when no event has it. */
export function variableOf(variable: string): VariableSpec | undefined {
  return SPECS.get(variable);
}

/** The cell of a variable in an event, in its long form; undefined when the event does not have it. */
export function cellOf(event: EventName, variable: string): CellSpec | undefined {
  return CELLS.get(event)?.get(variable);
}

export function accessOf(event: EventName, variable: string): Access | undefined {
  return cellOf(event, variable)?.access;
}

/** The default of a variable in an event: that of the cell, else that of the variable. */
export function defaultOf(event: EventName, variable: string): string | number | undefined {
  const cell = cellOf(event, variable);
  return cell === undefined ? undefined : (cell.default ?? SPECS.get(variable)?.default);
}

/** What a variable means in an event: the text of the cell, else that of the variable. */
export function docOf(event: EventName, variable: string): string | undefined {
  const cell = cellOf(event, variable);
  return cell === undefined ? undefined : (cell.doc ?? SPECS.get(variable)?.doc);
}

function normalised(events: Readonly<Record<string, EventSpec>>): Map<string, Map<string, CellSpec>> {
  const cells = new Map<string, Map<string, CellSpec>>();
  for (const [event, row] of Object.entries(events)) {
    cells.set(event, new Map(Object.entries(row.vars).map(([name, cell]) => [name, longForm(cell)])));
  }
  return cells;
}

function longForm(cell: Cell): CellSpec {
  return typeof cell === 'string' ? { access: cell } : cell;
}

function aliasesOf<Name extends string>(rows: Readonly<Record<Name, object>>): Map<string, Name> {
  const found = new Map<string, Name>();
  for (const name of Object.keys(rows) as Name[]) {
    const row: { readonly aliases?: readonly string[] } = rows[name];
    for (const alias of row.aliases ?? []) found.set(alias, name);
  }
  return found;
}
