/**
 * What a row of the settings table may say.
 *
 * A row carries the kind of value, its default as an operator would write it, its range and what
 * it means. Everything that knows the settings (types, validation, environment variables, JSON
 * Schema, the reference page, `config explain`) reads these rows; nothing repeats them.
 *
 * Callers: config-schema (the rows) and the files that walk them.
 */

interface Row {
  /** What the setting does, in whole sentences. */
  readonly doc: string;
  /** Takes effect without a restart. Rows without the mark are read once, at the start. */
  readonly live?: true;
}

/**
 * A default that other settings of the same section decide, which stand above the row. `<name>`
 * is the value of another setting.
 */
export interface DefaultRule<V> {
  /** The first one counts in which every setting named has the value given; see config-defaults. */
  readonly cases: readonly {
    readonly when: Readonly<Record<string, string>>;
    readonly is: V | string;
  }[];
  readonly otherwise: V;
}

/** A default may name `<machine>` (host name of the machine) or another setting: `<dataDir>/mail`. */
export interface StringSpec extends Row {
  /**
   * `domain` is a mail domain or `*`, `domainPattern` also `*.example.net`; `network` is an address
   * or CIDR; `server` is an address with an optional port; `destination` says where mail goes on.
   */
  readonly kind:
    | 'string'
    | 'hostname'
    | 'ip'
    | 'network'
    | 'server'
    | 'domain'
    | 'domainPattern'
    | 'destination';
  readonly default?: string | DefaultRule<string>;
  /** The empty value is allowed; only `string` uses it. */
  readonly optional?: true;
  /** Longest value in characters; only `string` uses it. Default 255. */
  readonly maxLength?: number;
}

export interface PathSpec extends Row {
  readonly kind: 'path';
  readonly default?: string;
  /** The empty value is allowed and switches the feature off. */
  readonly optional?: true;
}

export interface IntegerSpec extends Row {
  readonly kind: 'integer' | 'port';
  readonly default?: number | DefaultRule<number>;
  readonly min?: number;
  readonly max?: number;
}

/** `duration` is held in milliseconds, `size` in octets; default and range are written with a unit. */
export interface QuantitySpec extends Row {
  readonly kind: 'duration' | 'size';
  readonly default?: string;
  readonly min: string;
  readonly max: string;
}

export interface BooleanSpec extends Row {
  readonly kind: 'boolean';
  readonly default?: boolean;
}

export interface ChoiceSpec extends Row {
  readonly kind: 'choice';
  readonly values: readonly string[];
  readonly default?: string | DefaultRule<string>;
}

export interface ListSpec extends Row {
  readonly kind: 'list';
  readonly item: SettingSpec;
  readonly default: readonly unknown[];
  readonly minItems?: number;
  readonly maxItems: number;
}

export interface ObjectSpec extends Row {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, SettingSpec>>;
}

/** A row that holds one value, written as one YAML scalar. */
export type ScalarSpec = StringSpec | PathSpec | IntegerSpec | QuantitySpec | BooleanSpec | ChoiceSpec;
export type SettingSpec = ScalarSpec | ListSpec | ObjectSpec;
