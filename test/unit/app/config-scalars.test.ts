import { describe, expect, it } from 'vitest';
import { readScalar } from '../../../src/app/config-scalars.js';
import type { ScalarSpec } from '../../../src/app/config-spec.js';

/** A row without its documentation. */
type Bare = ScalarSpec extends infer S ? (S extends ScalarSpec ? Omit<S, 'doc'> : never) : never;

const at = (spec: Bare, value: unknown, loose = false) => {
  const reading = readScalar({ doc: '', ...spec }, value, { loose, folder: '/etc' });
  return reading.ok ? reading.value : reading.reason;
};

const REFUSED = /expected|may not|has no value|characters long/;

const GOOD: readonly (readonly [Bare, unknown, unknown])[] = [
  [{ kind: 'hostname' }, 'MX.Example.com', 'mx.example.com'],
  [{ kind: 'hostname' }, 'bücher.example', 'xn--bcher-kva.example'],
  [{ kind: 'domain' }, '*', '*'],
  [{ kind: 'domainPattern' }, '*.Example.COM', '*.example.com'],
  [{ kind: 'domainPattern' }, '*', '*'],
  [{ kind: 'destination' }, 'LMTP://127.0.0.1', 'lmtp://127.0.0.1:24'],
  [{ kind: 'destination' }, 'Maildir', 'maildir'],
  [{ kind: 'ip' }, '2001:db8::1', '2001:db8::1'],
  [{ kind: 'network' }, '10.0.0.0/8', '10.0.0.0/8'],
  [{ kind: 'network' }, '2001:db8::/32', '2001:db8::/32'],
  [{ kind: 'server' }, '[2001:db8::53]:5353', '[2001:db8::53]:5353'],
  [{ kind: 'path' }, 'x/../y', '/etc/y'],
  [{ kind: 'path' }, '/x', '/x'],
  [{ kind: 'port' }, 0, 0],
  [{ kind: 'duration', min: '0s', max: '1h' }, 0.25, 250],
  [{ kind: 'duration', min: '0s', max: '1h' }, '5M', 300_000],
  [{ kind: 'size', min: '0B', max: '1GB' }, '10 MiB', 10_485_760],
  [{ kind: 'choice', values: ['None', 'All'] }, 'ALL', 'All'],
  [{ kind: 'boolean' }, false, false],
];

const BAD: readonly (readonly [Bare, unknown])[] = [
  [{ kind: 'string' }, ''],
  [{ kind: 'string' }, 'x'.repeat(256)],
  [{ kind: 'string' }, 'a\nb'],
  [{ kind: 'string' }, null],
  [{ kind: 'string' }, 5n],
  [{ kind: 'hostname' }, '192.0.2.1'],
  [{ kind: 'hostname' }, '-a.example'],
  [{ kind: 'hostname' }, 'a..b'],
  [{ kind: 'hostname' }, `${'a'.repeat(64)}.example`],
  [{ kind: 'domain' }, 'user@example.com'],
  [{ kind: 'domain' }, '*.example.com'],
  [{ kind: 'domainPattern' }, '*.*.example.com'],
  [{ kind: 'destination' }, 'http://127.0.0.1'],
  [{ kind: 'ip' }, '127.1'],
  [{ kind: 'network' }, '10/8'],
  [{ kind: 'network' }, '10.0.0.0/33'],
  [{ kind: 'server' }, '192.0.2.1:70000'],
  [{ kind: 'path' }, ''],
  [{ kind: 'path' }, 'a\0b'],
  [{ kind: 'port' }, -1],
  [{ kind: 'port' }, Number.NaN],
  [{ kind: 'integer' }, 1.5],
  [{ kind: 'integer' }, '1'],
  [{ kind: 'integer' }, 2 ** 60],
  [{ kind: 'duration', min: '1s', max: '1h' }, '0s'],
  [{ kind: 'duration', min: '1s', max: '1h' }, Number.POSITIVE_INFINITY],
  [{ kind: 'duration', min: '1s', max: '1h' }, '1e3'],
  [{ kind: 'size', min: '1B', max: '1GB' }, '-5'],
  [{ kind: 'boolean' }, 'true'],
  [{ kind: 'boolean' }, 1],
  [{ kind: 'choice', values: ['none'] }, true],
  [{ kind: 'choice', values: ['none'] }, {}],
];

describe('readScalar', () => {
  it.each(GOOD)('takes %o: %o', (spec, value, expected) => {
    expect(at(spec, value)).toBe(expected);
  });

  it.each(BAD)('refuses %o: %o', (spec, value) => {
    expect(at(spec, value)).toMatch(REFUSED);
  });

  it('reads numbers and truth values from text only where nothing but text exists', () => {
    expect(at({ kind: 'integer' }, '12', true)).toBe(12);
    expect(at({ kind: 'boolean' }, 'Yes', true)).toBe(true);
    expect(at({ kind: 'boolean' }, '0', true)).toBe(false);
    expect(at({ kind: 'integer' }, '1e3', true)).toMatch(REFUSED);
    expect(at({ kind: 'boolean' }, 'maybe', true)).toMatch(REFUSED);
  });

  it('shows a long value cut, and on one line', () => {
    expect(at({ kind: 'ip' }, `${'x'.repeat(300)}`)).toBe(
      `expected an IP address such as 127.0.0.1 or ::1, got "${'x'.repeat(60)}..."`,
    );
  });
});
