/** How the pages name the type of a variable: the documented word, its values or its range. */
import type { VariableSpec } from '../../src/hooks/table/spec.js';
import { code } from './markdown.js';

export function typeWord(spec: VariableSpec): string {
  const values = spec.values?.map(code).join(' ') ?? '';
  const range = rangeWord(spec);
  return [spec.type, values, range].filter((part) => part !== '').join(' ');
}

export function rangeWord({ min, max, unit }: VariableSpec): string {
  const bounds = max === undefined ? (min === undefined ? '' : `from ${min}`) : `${min ?? ''} to ${max}`;
  return [bounds, unit ?? ''].filter((part) => part !== '').join(' ');
}
