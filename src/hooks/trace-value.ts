/**
 * A value as a trace can hold it: a copy, and never anything that JSON refuses.
 *
 * Arguments and answers belong to the policy, which may change them later or pass what cannot be
 * written at all; neither may spoil the record.
 *
 * Callers: hooks/handler-run. Never throws.
 */

export function recordable(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null || value === undefined) return value;
  try {
    const text = JSON.stringify(value);
    return text === undefined ? `(${typeof value})` : (JSON.parse(text) as unknown);
  } catch {
    // It holds itself, a number that JSON does not know, or a toJSON that throws.
    return `(${typeof value})`;
  }
}
