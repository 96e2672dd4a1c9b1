/** Whatever stands in a configuration, loading it answers; it neither throws nor pollutes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseConfigText } from '../../src/app/config-file.js';
import { leafRows } from '../../src/app/config-keys.js';
import { type ConfigInput } from '../../src/app/config-types.js';
import { readConfig } from '../../src/app/load-config.js';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/core/units.js';
import { ConfigError } from '../../src/core/errors.js';

const words = [...leafRows()].flatMap((row) => row.key.split(/[.[\]]/).filter((word) => word !== ''));
const name = fc.oneof(
  fc.constantFrom(...words),
  fc.constantFrom('__proto__', 'constructor', '<<'),
  fc.string(),
);
const scalar = fc.oneof(
  fc.string(),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom('5m', '10MB', '127.0.0.1', '*', 'none', './x', '\0'),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(name, tie('tree'), { maxKeys: 6 }),
  ),
}));

function expectAnswer(outcome: ReturnType<typeof readConfig>): void {
  if (outcome.status === 'valid') {
    expect(outcome.config.listeners.length).toBeGreaterThan(0);
    return;
  }
  expect(outcome.problems.length).toBeGreaterThan(0);
  for (const problem of outcome.problems) {
    expect(problem).toBeInstanceOf(ConfigError);
    expect(problem.message).not.toMatch(/\{\w+\}: |undefined/);
  }
}

describe('a configuration of any shape', () => {
  it('gives a configuration or problems when it comes from a host program', () => {
    fc.assert(
      fc.property(tree, (settings) => {
        expectAnswer(readConfig({ file: null, settings: settings as ConfigInput, machine: 'mx' }));
      }),
    );
  });

  it('gives a tree or problems when it is YAML of our making', () => {
    fc.assert(
      fc.property(tree, (value) => {
        const { problems } = parseConfigText(stringify(value), 'f');
        for (const problem of problems) expect(problem).toBeInstanceOf(ConfigError);
      }),
    );
  });

  it('gives a tree or problems when it is any text', () => {
    const pieces = fc.constantFrom(
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '[',
      ']',
      '{',
      '}',
      '&x',
      '*x',
      '!t',
      '? ',
      '"',
      '|',
      '#',
      '%',
      '\t',
      ',',
      '---',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 60 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (any) => {
        for (const problem of parseConfigText(any, 'f').problems) expect(problem).toBeInstanceOf(ConfigError);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives a configuration or problems when it comes from the environment', () => {
    const variable = fc.array(
      fc.constantFrom(...words.map((word) => word.toUpperCase()), '0', '1', '__', '_'),
      { maxLength: 5 },
    );
    const environment = fc.dictionary(
      variable.map((parts) => `POSTERN_${parts.join('')}`),
      fc.oneof(fc.string(), fc.json()),
    );
    fc.assert(
      fc.property(environment, (variables) => {
        expectAnswer(readConfig({ file: null, environment: variables, machine: 'mx' }));
      }),
    );
  });
});

describe('durations and sizes', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 11 }), (value) => {
        expect(parseDuration(formatDuration(value))).toBe(value);
        expect(parseSize(formatSize(value))).toBe(value);
      }),
    );
  });
});
