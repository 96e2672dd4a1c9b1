/**
 * The documented facts about the policy surface, typed.
 *
 * `reference.json` says what the original documents say, cell by cell, also where they are wrong;
 * what we do differently is listed in `deviations.ts`. It is data of the tests and of the page
 * generators, and no part of the product.
 *
 * `seen` tells how certain a cell is: `printed` (read in the documents), `partly` (the variable
 * occurs there, its event or marking does not) or `inferred` (deduced). `candidates` are values
 * that were deduced. A default of `*` is one the documents describe without giving a value.
 */
import { readFileSync } from 'node:fs';

export type Seen = 'printed' | 'partly' | 'inferred';

export interface ReferenceCell {
  readonly seen: Seen;
  readonly type: string;
  readonly access: 'in' | 'out' | 'inout';
  readonly values?: readonly string[];
  readonly candidates?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  readonly default?: string | number;
}

export interface ReferenceEvent {
  readonly context: string;
  readonly contextSeen: Seen;
  readonly cells: Readonly<Record<string, ReferenceCell>>;
  readonly methods: Readonly<Record<string, Seen>>;
}

export interface ReferenceMethod {
  readonly events: readonly string[];
  readonly inputs: readonly string[];
  readonly uses: readonly string[];
  readonly fills: readonly string[];
  readonly inputsSeen: Seen;
  readonly meaningSeen: Seen;
}

export interface Reference {
  readonly events: Readonly<Record<string, ReferenceEvent>>;
  readonly methods: Readonly<Record<string, ReferenceMethod>>;
}

export const REFERENCE = JSON.parse(
  readFileSync(new URL('reference.json', import.meta.url), 'utf8'),
) as Reference;
