/**
 * What the compiler demands of a row of the event tables: known variables and known methods only.
 *
 * Exported tables cannot carry `satisfies` (their types are emitted file by file), so a row is
 * checked where its type is used: `Row<typeof ON_CONNECT>` is that type, or does not compile.
 *
 * Callers: events.ts.
 */
import type { METHODS } from './methods.js';
import type { Cell, EventSpec } from './spec.js';
import type { VARIABLES } from './variables.js';

interface Known<R extends EventSpec> extends EventSpec {
  readonly vars: { readonly [K in keyof R['vars']]: K extends keyof typeof VARIABLES ? Cell : never };
  readonly methods: readonly (keyof typeof METHODS)[];
}

export type Row<R extends Known<R>> = R;
