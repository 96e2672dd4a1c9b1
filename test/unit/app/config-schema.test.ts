import { describe, expect, it } from 'vitest';
import { explainConfig } from '../../../src/app/config-explain.js';
import { configJsonSchema } from '../../../src/app/config-json-schema.js';
import { leafRows, ROOT } from '../../../src/app/config-keys.js';
import { readQuantity } from '../../../src/app/config-scalars.js';
import type { SettingSpec } from '../../../src/app/config-spec.js';
import { loadConfig } from '../../../src/app/load-config.js';

function* rows(spec: SettingSpec): Generator<SettingSpec> {
  yield spec;
  if (spec.kind === 'list') yield* rows(spec.item);
  if (spec.kind === 'object') for (const field of Object.values(spec.fields)) yield* rows(field);
}

/** The names of all properties of a schema, with `[]` for items. */
function* schemaKeys(schema: unknown, key = ''): Generator<string> {
  const { type, properties, items } = schema as {
    type?: unknown;
    properties?: object;
    items?: { type?: unknown };
  };
  if (type === 'array' && items?.type === 'object') yield* schemaKeys(items, `${key}[]`);
  else if (type !== 'object') yield key;
  else {
    for (const [name, below] of Object.entries(properties ?? {})) {
      yield* schemaKeys(below, key === '' ? name : `${key}.${name}`);
    }
  }
}

describe('the settings table', () => {
  it('documents every row in sentences', () => {
    for (const row of rows(ROOT)) expect(row.doc).toMatch(/^[A-Za-z].*\.$/);
  });

  it('has a default for every setting but the items of lists, and ranges that can be read', () => {
    for (const { key, spec } of leafRows()) expect([key, 'default' in spec]).toEqual([key, true]);
    for (const row of rows(ROOT)) {
      if (row.kind !== 'duration' && row.kind !== 'size') continue;
      const least = readQuantity(row.kind, row.min);
      const most = readQuantity(row.kind, row.max);
      expect(least).toBeTypeOf('number');
      expect(most).toBeGreaterThan(least ?? Number.POSITIVE_INFINITY);
    }
  });

  it('is explained completely and in order', () => {
    const pair = { certificate: '/mx.pem', key: '/mx.key' };
    const settings = {
      tls: { ...pair, hosts: [{ name: 'mx.example.com', ...pair }] },
      delivery: { routes: [{ domains: ['example.com'], to: 'lmtp://127.0.0.1' }] },
      dkim: { keys: [{ domain: 'example.com', selector: 's', keyFile: '/s.pem' }] },
    };
    const explained = explainConfig(loadConfig({ file: null, machine: 'mx', settings }));
    expect(explained.map((row) => row.key.replaceAll(/\[\d+\]/g, '[]'))).toEqual(
      [...leafRows()].map((row) => row.key),
    );
    expect(explained.find((row) => row.key === 'queue.firstRetry')).toMatchObject({
      value: 300_000,
      text: '5m',
      from: 'default',
    });
  });

  it('is explained also where a list is empty', () => {
    const explained = explainConfig(loadConfig({ file: null, machine: 'mx' }));
    expect(explained.find((row) => row.key === 'tls.hosts')).toMatchObject({ text: '[]', from: 'default' });
  });

  it('explains a value that reads back as itself', () => {
    const before = loadConfig({ file: null, machine: 'mx' });
    const overrides = explainConfig(before)
      .filter((row) => !row.text.startsWith('[') && row.text !== '""')
      .map((row) => ({ key: row.key, value: row.text, name: '--set' }));
    expect(loadConfig({ file: null, machine: 'mx', overrides }).config).toEqual(before.config);
  });
});

describe('the JSON Schema', () => {
  it('holds the same settings as the table', () => {
    expect([...schemaKeys(configJsonSchema())]).toEqual([...leafRows()].map((row) => row.key));
  });

  it('refuses unknown keys everywhere', () => {
    const text = JSON.stringify(configJsonSchema());
    const objects = [...text.matchAll(/"type":"object"/g)].length;
    expect([...text.matchAll(/"additionalProperties":false/g)]).toHaveLength(objects);
  });
});
