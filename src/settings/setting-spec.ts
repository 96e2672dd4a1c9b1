/**
 * What a row of the table of administrative settings may say.
 *
 * A row carries the kind of value, its bounds, the default that the original documents, and what is
 * in force while nobody has set it. Types, validation and the reference page read the rows.
 *
 * Callers: the rows, settings-table, setting-value, the generator of the reference page.
 */

interface Row {
  /** What the setting does, in whole sentences. */
  readonly doc: string;
  /** The default that the original interface shows, for the reference page. */
  readonly documented: string;
}

/** In force while it is not set: what postern.yaml says, in the settings that `unset` names. */
interface Optional extends Row {
  readonly unset: string;
}

export interface ChoiceSpec extends Row {
  readonly kind: 'choice';
  readonly values: readonly (string | number)[];
  readonly unset?: string;
  readonly initial?: string | number;
}

export interface IntegerSpec extends Optional {
  readonly kind: 'integer';
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

/** Text whose first word is the full name of a host. */
export interface GreetingSpec extends Optional {
  readonly kind: 'greeting';
  /** Characters at most. */
  readonly longest: number;
}

/** `patterns` are lines of qregex, `zones` names of DNS. */
export interface ListSpec extends Row {
  readonly kind: 'patterns' | 'zones';
  /** Entries at most. */
  readonly most: number;
  readonly initial: readonly string[];
}

export type SettingSpec = ChoiceSpec | IntegerSpec | GreetingSpec | ListSpec;
export type ControllerSpec = Readonly<Record<string, SettingSpec>>;

/** The type of the value of a row. */
export type ValueOf<S> = S extends { readonly kind: 'choice'; readonly values: readonly (infer V)[] }
  ? V
  : S extends { readonly kind: 'integer' }
    ? number
    : S extends { readonly kind: 'greeting' }
      ? string
      : readonly string[];

/** The same, with `undefined` where a row may be unset. */
export type Held<S> = S extends { readonly initial: unknown } ? ValueOf<S> : ValueOf<S> | undefined;
