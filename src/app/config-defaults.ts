/**
 * Defaults that other settings decide: the port of a listener by its kind.
 *
 * A rule of the table looks at settings of the same section which stand above its row and have
 * their values already. A value that begins with `<name>` stands for another setting's.
 *
 * Callers: config-resolve, and the files that show the table. Nothing here throws.
 */
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import type { DefaultRule, ScalarSpec } from './config-spec.js';

/** The value of a setting by its name; `undefined` when there is none, or none that could be read. */
type Find = (name: string) => unknown;

export interface ChosenDefault {
  readonly value: unknown;
  /** The settings that decided, as `kind: lmtp`. */
  readonly by?: string;
}

/** Whether only programs of this machine can reach a listener on this address. */
export function isLoopback(host: string): boolean {
  return isIP(host) !== 0 && ipaddr.process(host).range() === 'loopback';
}

/** By which word a condition knows the value: an address of this machine is `loopback`, a list without items `empty`. */
function wordOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : 'given';
  return typeof value === 'string' && isLoopback(value) ? 'loopback' : String(value);
}

/** `<dataDir>/mail` with the other setting's value in it; `<maxConnections>` is that value itself. */
function filled(value: unknown, find: Find): unknown {
  const [reference, name] = typeof value === 'string' ? (/^<(\w+)>/.exec(value) ?? []) : [];
  if (typeof value !== 'string' || reference === undefined || name === undefined) return value;
  const found = find(name);
  // A setting that could not be read has been complained about; any value does until that is mended.
  return value === reference
    ? found
    : `${typeof found === 'string' ? found : '.'}${value.slice(reference.length)}`;
}

/** The default of a row, as an operator would write it. */
export function chooseDefault(spec: ScalarSpec, find: Find): ChosenDefault {
  const { default: rule } = spec;
  if (typeof rule !== 'object') return { value: filled(rule, find) };
  for (const { when, is } of rule.cases) {
    const conditions = Object.entries(when);
    if (!conditions.every(([name, word]) => wordOf(find(name)) === word)) continue;
    const by = conditions.map(([name, word]) => `${name}: ${word}`).join(', ');
    return { value: filled(is, find) ?? rule.otherwise, by };
  }
  return { value: rule.otherwise };
}

/** The rule in words; `mark` is put around names and values. */
export function ruleText(
  { cases, otherwise }: DefaultRule<string | number>,
  mark: (text: string) => string = (text) => text,
): string {
  const value = (text: string | number): string => {
    const [, name] = /^<(\w+)>$/.exec(String(text)) ?? [];
    return name === undefined ? mark(String(text)) : `that of ${mark(name)}`;
  };
  const others = cases.map(({ when, is }) => {
    const conditions = Object.entries(when).map(([name, word]) => `${mark(name)} is ${mark(word)}`);
    return `${value(is)} when ${conditions.join(' and ')}`;
  });
  return [value(otherwise), ...others].join('; ');
}
