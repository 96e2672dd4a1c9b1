/**
 * A value as a trace can hold it: a copy, and never anything that JSON refuses.
 *
 * Arguments and answers belong to the policy, which may change them later or pass what cannot be
 * written at all; neither may spoil the record. Answers of checks are plain and small, and are
 * copied by hand, which costs a fraction of the way through text.
 *
 * Callers: hooks/handler-run. Never throws.
 */

/** Deeper than any answer of a check; what is deeper, or holds itself, goes through text. */
const DEEPEST = 6;

const NOT_PLAIN = Symbol('not plain');

export function recordable(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null || value === undefined) return value;
  try {
    const plain = copied(value, DEEPEST);
    if (plain !== NOT_PLAIN) return plain;
    const text = JSON.stringify(value);
    return text === undefined ? `(${typeof value})` : (JSON.parse(text) as unknown);
  } catch {
    // It holds itself, a number that JSON does not know, or a toJSON or getter that throws.
    return `(${typeof value})`;
  }
}

/** A copy of a value that is nothing but plain objects, arrays, texts, numbers and words; else NOT_PLAIN. */
function copied(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
    case 'undefined':
      return value;
    case 'number':
      return Number.isFinite(value) ? value : NOT_PLAIN;
    case 'object':
      if (value === null) return null;
      if (depth === 0) return NOT_PLAIN;
      return Array.isArray(value) ? copiedList(value, depth - 1) : copiedObject(value, depth - 1);
    default:
      return NOT_PLAIN;
  }
}

function copiedList(list: readonly unknown[], depth: number): unknown {
  const copy: unknown[] = [];
  for (const one of list) {
    const plain = copied(one, depth);
    // JSON has null where a list has undefined.
    if (plain === NOT_PLAIN || plain === undefined) return NOT_PLAIN;
    copy.push(plain);
  }
  return copy;
}

function copiedObject(value: object, depth: number): unknown {
  if (Object.getPrototypeOf(value) !== Object.prototype || 'toJSON' in value) return NOT_PLAIN;
  const copy: Record<string, unknown> = {};
  for (const [key, one] of Object.entries(value)) {
    const plain = key === '__proto__' ? NOT_PLAIN : copied(one, depth);
    if (plain === NOT_PLAIN) return NOT_PLAIN;
    if (plain !== undefined) copy[key] = plain;
  }
  return copy;
}
