/**
 * The shape of the event table: what a row of variables, events and methods says.
 *
 * Type belongs to the variable; access, default and meaning belong to the cell (event, variable),
 * because the same name is IN in one event and OUT in another.
 *
 * Callers: the table files next to this one, which are checked against it by `satisfies`.
 */

/** `ip`, `hostname` and `text` are strings; `multival` is a space-separated list of values. */
export type VariableType = 'text' | 'ip' | 'hostname' | 'numeric' | 'choice' | 'multival';

/**
 * How long a value that was set stays: for the one command, from MAIL to the end of the message,
 * or for the connection. A `session` variable written from onMailFrom on holds for that message.
 */
export type Lifetime = 'command' | 'message' | 'session';

export interface VariableSpec {
  readonly type: VariableType;
  /** Members of a choice or multival, exactly as printed in the documents. */
  readonly values?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  readonly default?: string | number;
  readonly life: Lifetime;
  /** Never shown in traces, logs or expanded texts. */
  readonly secret?: true;
  /** Other accepted spellings, e.g. the misprint of the documents. */
  readonly aliases?: readonly string[];
  readonly doc: string;
}

/** `in`: the policy reads it; `out`: the policy sets it; `inout`: both. */
export type Access = 'in' | 'out' | 'inout';

export interface CellSpec {
  readonly access: Access;
  readonly default?: string | number;
  readonly doc?: string;
}

export type Cell = Access | CellSpec;

export type EventContext = 'SMTPIn' | 'SMTPOut' | 'SMTPProc';

export interface EventSpec {
  readonly context: EventContext;
  readonly doc: string;
  /** Cells printed in the original documents; the others are marked in the generated page. */
  readonly vars: Readonly<Record<string, Cell>>;
  readonly methods: readonly string[];
}

export interface MethodSpec {
  readonly doc: string;
  /** Variables to set first, in the order in which arguments may give them instead. */
  readonly inputs: readonly string[];
  /** Variables it looks at besides its inputs. */
  readonly uses: readonly string[];
  /** Variables it fills. */
  readonly fills: readonly string[];
  readonly aliases?: readonly string[];
  readonly source: string;
}
