import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isEngineError } from '../../src/core/errors.js';
import { checkValue } from '../../src/hooks/check-value.js';
import { VARIABLE_NAMES, variableOf } from '../../src/hooks/table/index.js';
import type { VariableSpec } from '../../src/hooks/table/spec.js';

const name = fc.constantFrom(...VARIABLE_NAMES);
const value = fc.oneof(
  fc.anything(),
  fc.string(),
  fc.integer(),
  fc.double(),
  fc.ipV4(),
  fc.ipV6(),
  fc.constantFrom('yes', 'NO', 'Reject', 'tls12 TLS13', 'all,none', '', 'a\r\nb', 'a\0b'),
  fc.string({ unit: 'binary' }),
);

/** The stored value; undefined when it was refused as it must be. */
function stored(variable: (typeof VARIABLE_NAMES)[number], written: unknown): string | number | undefined {
  try {
    return checkValue(variable, written);
  } catch (error) {
    if (isEngineError(error, 'ERR_POLICY_VALUE')) return undefined;
    throw error;
  }
}

function fits(spec: VariableSpec, kept: string | number): boolean {
  switch (spec.type) {
    case 'numeric':
      return (
        Number.isSafeInteger(kept) &&
        Number(kept) >= (spec.min ?? 0) &&
        Number(kept) <= (spec.max ?? Number.MAX_SAFE_INTEGER)
      );
    case 'choice':
      return spec.values?.includes(String(kept)) ?? false;
    case 'multival':
      return (
        kept === '' ||
        String(kept)
          .split(' ')
          .every((word) => spec.values?.includes(word))
      );
    case 'ip':
      return kept === '' || isIP(String(kept)) !== 0;
    case 'text':
    case 'hostname':
      return typeof kept === 'string';
  }
}

describe('any value for any variable', () => {
  it('is refused as a value, or stored as the table says', () => {
    fc.assert(
      fc.property(name, value, (variable, written) => {
        const kept = stored(variable, written);
        if (kept === undefined) return;
        expect(fits(variableOf(variable) as VariableSpec, kept)).toBe(true);
        expect(String(kept).replace(/\r\n|\n/g, '')).not.toMatch(/[\r\n\0]/);
      }),
      { numRuns: 5000 },
    );
  });

  it('is stored the same when it is written again', () => {
    fc.assert(
      fc.property(name, value, (variable, written) => {
        const kept = stored(variable, written);
        if (kept !== undefined) expect(checkValue(variable, kept)).toBe(kept);
      }),
      { numRuns: 2000 },
    );
  });
});
