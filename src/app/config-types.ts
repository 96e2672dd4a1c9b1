/**
 * The configuration as the program holds it, derived from the settings table.
 *
 * Durations are milliseconds, sizes are octets, paths are absolute, domains and host names are
 * lower case. `ConfigInput` is the same shape as somebody writes it: every setting optional,
 * durations and sizes as text or number.
 *
 * Callers: app, cli, index.ts. Types only.
 */
import type { Settings } from './config-schema.js';

type Shape<F> = { readonly [K in keyof F]: ValueOf<F[K]> };
type ShapeInput<F> = { readonly [K in keyof F]?: InputOf<F[K]> };

type ValueOf<S> = S extends { readonly kind: 'object'; readonly fields: infer F }
  ? Shape<F>
  : S extends { readonly kind: 'list'; readonly item: infer I }
    ? readonly ValueOf<I>[]
    : S extends { readonly kind: 'choice'; readonly values: readonly (infer V)[] }
      ? V
      : S extends { readonly kind: 'boolean' }
        ? boolean
        : S extends { readonly kind: 'integer' | 'port' | 'duration' | 'size' }
          ? number
          : string;

type InputOf<S> = S extends { readonly kind: 'object'; readonly fields: infer F }
  ? ShapeInput<F>
  : S extends { readonly kind: 'list'; readonly item: infer I }
    ? readonly InputOf<I>[]
    : S extends { readonly kind: 'duration' | 'size' }
      ? string | number
      : ValueOf<S>;

/** The effective configuration; every setting has a value. */
export type Config = Shape<Settings>;
/** Settings given by a host program instead of a file; what is left out keeps its default. */
export type ConfigInput = ShapeInput<Settings>;
