/**
 * The JSON Schema of `postern.yaml` (draft 2020-12), made from the table.
 *
 * Editors use it for completion and for marking mistakes while typing. It is a little more
 * lenient than the loader: what only the loader can judge (addresses, contradictions) is left to
 * it. `etc/postern.schema.json` is this, generated.
 *
 * Callers: cli (`config schema`), scripts/gen.
 */
import { ruleText } from './config-defaults.js';
import { ROOT } from './config-keys.js';
import { integerRange } from './config-scalars.js';
import type { ListSpec, ObjectSpec, ScalarSpec, SettingSpec } from './config-spec.js';

export type JsonSchema = Readonly<Record<string, unknown>>;

const DURATION_PATTERN = '^\\d+(\\.\\d+)? ?(ms|s|m|h|d|w)?$';
const SIZE_PATTERN = '^\\d+(\\.\\d+)? ?([KkMmGgTt]?)([iI]?[Bb])?$';

function scalarSchema(spec: ScalarSpec): JsonSchema {
  switch (spec.kind) {
    case 'integer':
    case 'port': {
      const [minimum, maximum] = integerRange(spec);
      return { type: 'integer', minimum, maximum };
    }
    case 'boolean':
      return { type: 'boolean' };
    case 'choice':
      return { enum: spec.values };
    case 'duration':
      return { type: ['string', 'number'], pattern: DURATION_PATTERN, minimum: 0 };
    case 'size':
      return { type: ['string', 'number'], pattern: SIZE_PATTERN, minimum: 0 };
    case 'path':
      return spec.optional ? { type: 'string' } : { type: 'string', minLength: 1 };
    case 'string':
    case 'hostname':
    case 'ip':
    case 'network':
    case 'server':
    case 'domain':
    case 'domainPattern':
    case 'destination':
      return {
        type: 'string',
        minLength: spec.optional ? 0 : 1,
        maxLength: spec.kind === 'string' ? (spec.maxLength ?? 255) : 255,
      };
  }
}

function listSchema(spec: ListSpec): JsonSchema {
  return {
    type: 'array',
    items: rowSchema(spec.item),
    minItems: spec.minItems ?? 0,
    maxItems: spec.maxItems,
  };
}

function objectSchema(spec: ObjectSpec): JsonSchema {
  const properties = Object.fromEntries(
    Object.entries(spec.fields).map(([name, row]) => [name, rowSchema(row)]),
  );
  return { type: 'object', properties, additionalProperties: false };
}

/** A default such as `<dataDir>/mail` is a reference and no value, and a rule is told in words. */
function defaultOf(spec: ScalarSpec): JsonSchema {
  if (spec.default === undefined || typeof spec.default === 'object') return {};
  const isReference = typeof spec.default === 'string' && spec.default.startsWith('<');
  return isReference ? {} : { default: spec.default };
}

/** A default that other settings decide can only be told in words. */
function descriptionOf(spec: ScalarSpec): string {
  return typeof spec.default === 'object' ? `${spec.doc} Default: ${ruleText(spec.default)}.` : spec.doc;
}

function rowSchema(spec: SettingSpec): JsonSchema {
  const about = { description: spec.doc };
  if (spec.kind === 'object') return { ...about, ...objectSchema(spec) };
  if (spec.kind === 'list') return { ...about, ...listSchema(spec), default: spec.default };
  return { description: descriptionOf(spec), ...scalarSchema(spec), ...defaultOf(spec) };
}

/** The whole schema. */
export function configJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'postern.yaml',
    ...rowSchema(ROOT),
  };
}
